"""Read a data set back, and only what its document vouches for."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.kernel.errors import ConfigError
from training.dataset.splits import Part

Array = NDArray[Any]


@dataclass(frozen=True)
class Examples:
    """Rows of some parts: `[n, k]` matrices with NaN for missing, labels, who and when."""

    values: Array
    usual: Array
    coverage: Array
    label: Array
    student: Array
    time: Array

    def __len__(self) -> int:
        return len(self.label)


def read_examples(folder: Path, parts: Sequence[Part]) -> tuple[Examples, dict[str, Any]]:
    """Read parts of a data set and its document.

    Raises:
        ConfigError: no data set, refused for a leak, altered, or of another catalogue.
    """
    document = _document(folder)
    found = [_part(folder, f"{part}.csv", document) for part in parts]
    return joined(found), document


def joined(examples: Sequence[Examples]) -> Examples:
    return Examples(*(np.concatenate([getattr(one, name) for one in examples]) for name in _FIELDS))


_FIELDS = ("values", "usual", "coverage", "label", "student", "time")


def _document(folder: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = msgspec.json.decode((folder / "dataset.json").read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(str(folder), f"is no data set: {type(error).__name__}") from None
    if "files" not in document:
        raise ConfigError(str(folder), "was refused for a leak: see its dataset.json")
    if document["catalogue"] != catalogue_hash():
        raise ConfigError(str(folder), "was built for another catalogue of indicators: build anew")
    return document


def _part(folder: Path, name: str, document: dict[str, Any]) -> Examples:
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != document["files"].get(name):
        raise ConfigError(str(folder / name), "is not as it was built")
    rows = list(csv.DictReader(content.decode().splitlines()))
    names = [one.id for one in CATALOGUE]

    def matrix(ending: str) -> Array:
        cells = [[row[name + ending] or "nan" for name in names] for row in rows]
        return np.array(cells, dtype=np.float64)

    return Examples(
        matrix(""),
        matrix(".usual"),
        matrix(".coverage"),
        np.array([float(row["label"]) for row in rows]),
        np.array([row["student"] for row in rows]),
        np.array([row["time"] for row in rows]),
    )
