"""The manifest of a bundle for a flat table; scoring refuses it, since it is of another format."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from shared.bundle.manifest import FileName, Hash, Metric, ModelId

REPORT = "report.json"
Kind = Literal["number", "text"]
_LONGEST = 63


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """An input; `levels` are the texts with an input of their own, by code."""

    name: Annotated[str, Meta(max_length=1000)]
    kind: Kind
    levels: list[str] = []


class TableManifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the model expects, numbers first and then texts, each in the order of the inputs.

    `files` holds the SHA-256 of every other file, so the signature covers the whole bundle.
    """

    format: Literal["table-1"]
    model: ModelId
    title: str
    columns: list[Column]
    label: str
    positive: str
    negative: str
    rows: int
    prevalence: float
    metrics: dict[str, Metric]
    seed: int
    files: dict[FileName, Hash]

    @property
    def numbers(self) -> list[str]:
        return [one.name for one in self.columns if one.kind == "number"]

    @property
    def texts(self) -> list[Column]:
        return [one for one in self.columns if one.kind == "text"]


def model_id(name: str) -> str:
    """Return a name as a model's id: small letters, digits, dots and dashes."""
    cleaned = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:_LONGEST]
    return cleaned or "model"


def encode(document: Any) -> bytes:  # noqa: ANN401 - a struct or what JSON can hold
    """Return JSON with sorted keys: for a manifest, the bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"
