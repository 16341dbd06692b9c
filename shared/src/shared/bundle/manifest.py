"""The manifest of a bundle: what the model expects, how it is cut into levels, what it reached."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
ModelId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
FileName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
MODEL, MANIFEST, CARD, SIGNATURE = "model.onnx", "manifest.json", "card.md", "signature"


class Thresholds(Struct, frozen=True, forbid_unknown_fields=True):
    """Probabilities from which a level begins; red is never set by a model."""

    blue: Share
    yellow: Share
    orange: Share


class Metric(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class DataWindow(Struct, frozen=True, forbid_unknown_fields=True):
    """What the model learned from."""

    kind: Literal["simulated", "campus"]
    students: int
    vectors: int
    start: str
    end: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`files` holds the SHA-256 of every other file, so the signature covers the whole bundle.

    `features` are the catalogue's ids in the order of the inputs. A vector whose mean coverage over
    `evidence` (a missing value counting 0) is below `coverage_floor` is not scored.
    """

    format: Literal[1]
    model: ModelId
    title: str
    catalogue: Hash
    features: list[str]
    evidence: list[str]
    thresholds: Thresholds
    coverage_floor: Share
    prevalence: Share
    metrics: dict[str, Metric]
    data: DataWindow
    seed: int
    files: dict[FileName, Hash]


def encode(manifest: Manifest) -> bytes:
    """Return the bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2) + b"\n"
