"""Vectors as matrices: what goes into a model, and what its digest covers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_JSON = msgspec.json.Encoder()
Array = NDArray[Any]
Row = Sequence[float | None]


@dataclass(frozen=True)
class Inputs:
    """`[n, k]` float32 matrices with NaN for missing."""

    values: Array
    usual: Array
    coverage: Array

    def __len__(self) -> int:
        return len(self.values)


def inputs_of(
    values: Sequence[Row], usual: Sequence[Row], coverage: Sequence[Row], width: int
) -> Inputs:
    """Stack rows; None becomes NaN."""
    return Inputs(_matrix(values, width), _matrix(usual, width), _matrix(coverage, width))


def digest_of(catalogue: str, values: Row, usual: Row, coverage: Row) -> str:
    """Return the SHA-256 of exactly what a model was given."""
    return hashlib.sha256(_JSON.encode([catalogue, values, usual, coverage])).hexdigest()


def packed(rows: Sequence[Row]) -> list[bytes]:
    """Return each of some rows of one width as float32 bytes, NaN for missing."""
    return [row.tobytes() for row in _matrix(rows, len(rows[0]))] if rows else []


def unpacked(rows: Sequence[bytes], width: int) -> Array:
    """Return packed rows as an `[n, width]` matrix; rows of another width are left out."""
    size = width * np.dtype(np.float32).itemsize
    whole = b"".join(row for row in rows if len(row) == size)
    return np.frombuffer(whole, dtype=np.float32).reshape(-1, width)


def _matrix(rows: Sequence[Row], width: int) -> Array:
    with np.errstate(over="ignore"):  # beyond float32 is infinite, which the soft clip bounds
        return np.array(rows, dtype=np.float64).astype(np.float32).reshape(len(rows), width)
