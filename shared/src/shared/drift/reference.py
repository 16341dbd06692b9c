"""The reference of a bundle: one histogram an indicator, of the values that the model learned from.

Bins are cut at the reference's own deciles, so that each holds about a tenth; equal deciles are one
edge, so that a count that is mostly zero keeps a bin of its own. A bin holds what is above its left
edge and not above its right one; the outer two are open, so that no later value is outside.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

FILE = "reference.json"
BINS = 10
_DIGITS = 6
Array = NDArray[Any]
Count = Annotated[int, Meta(ge=0)]


class Histogram(Struct, frozen=True, forbid_unknown_fields=True):
    """`counts[i]` values between `edges[i - 1]` and `edges[i]`, and how many were missing."""

    edges: list[float]
    counts: list[Count]
    missing: Count


class Reference(Struct, frozen=True, forbid_unknown_fields=True):
    """Histograms by indicator, over `vectors` vectors."""

    format: Literal[1]
    vectors: int
    indicators: dict[str, Histogram]


def reference_of(names: Sequence[str], values: Array) -> Reference:
    """Return the reference of `[n, k]` values with NaN for missing."""
    columns = np.asarray(values, dtype=np.float64).T
    found = {name: _histogram(column) for name, column in zip(names, columns, strict=True)}
    return Reference(1, len(values), found)


def counts_of(edges: Sequence[float], values: Array) -> Array:
    """Count present values by bin: bin `i` holds `edges[i - 1] < value <= edges[i]`.

    Compared in single precision, in which vectors are served: an edge often is a value that many
    have (one of fourteen days), and 0.1 must not lie above 0.1.
    """
    present = values[~np.isnan(values)].astype(np.float32)
    places = np.searchsorted(np.asarray(edges, np.float32), present, side="left")
    return np.bincount(places, minlength=len(edges) + 1)


def encode(reference: Reference) -> bytes:
    """Return the content of `reference.json`."""
    return msgspec.json.format(msgspec.json.encode(reference, order="sorted"), indent=2) + b"\n"


def decode(content: bytes) -> Reference:
    """Read `reference.json`.

    Raises:
        ValueError: it is no such file, or a histogram does not hold together.
    """
    reference = msgspec.json.decode(content, type=Reference)
    for name, one in reference.indicators.items():
        if len(one.counts) != len(one.edges) + 1 or one.edges != sorted(set(one.edges)):
            raise ValueError(f"the histogram of {name} does not hold together")
    return reference


def _histogram(column: Array) -> Histogram:
    present = column[~np.isnan(column)]
    missing = len(column) - len(present)
    if not len(present):
        return Histogram([], [0], missing)
    cuts = np.quantile(present, np.arange(1, BINS) / BINS)
    edges = sorted({round(float(cut), _DIGITS) for cut in cuts})
    return Histogram(edges, [int(n) for n in counts_of(edges, present)], missing)
