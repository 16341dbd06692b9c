"""The precision in which indicators are published, and in which models learn them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.features.frame import Array

Ints = NDArray[np.int64]
VALUE_PARTS = 10_000  # four decimals
COVERAGE_PARTS = 1_000
_MISSING = np.iinfo(np.int64).min


def whole_parts(values: Array, parts: int) -> Ints:
    """Return whole parts, the least number for NaN; beyond 64 bits at its bounds."""
    known = np.isfinite(values)
    bounded = np.clip(np.where(known, values, 0.0) * parts, -(2.0**62), 2.0**62)
    return np.where(known, np.rint(bounded).astype(np.int64), _MISSING)


def is_missing(parts: Ints) -> NDArray[np.bool_]:
    """Say which parts stand for a missing value."""
    missing: NDArray[np.bool_] = parts == _MISSING
    return missing


def numbers_of(parts: Ints, a_whole: int) -> Any:  # noqa: ANN401 - nested lists of floats and None
    """Return the numbers that are published: floats, None where missing."""
    numbers = (parts / a_whole).astype(object)
    numbers[is_missing(parts)] = None
    return numbers.tolist()
