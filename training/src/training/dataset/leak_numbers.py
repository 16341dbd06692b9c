"""What a single column tells: numbers behind the check against leaks (numpy)."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.table.parsing import number

Array = NDArray[Any]
LEAST_ROWS = 50  # below, a perfect column is no wonder
LEAST_OF_A_KIND = 10
MOST_LEVELS = 50  # a text column with more levels names rows, it does not describe them
_TOLERANCE = 1e-6
_POSITIVE = ("1", "1.0", "true", "yes", "y")


def floats(cells: Sequence[str]) -> Array | None:
    """Return a column as numbers, NaN where empty; None where it holds text."""
    try:
        return np.array([number(cell) for cell in cells], np.float64)
    except ValueError:
        return None


def truth_of(labels: Sequence[str]) -> Array | None:
    """Return a two-valued label as truth; None where there are too few of a kind to judge by."""
    kinds = sorted(set(labels))
    if len(kinds) != 2:  # noqa: PLR2004 - yes and no
        return None
    positive = next((kind for kind in kinds if kind.lower() in _POSITIVE), kinds[1])
    truth = np.array([label == positive for label in labels])
    rarer = min(int(truth.sum()), int((~truth).sum()))
    return truth if len(truth) >= LEAST_ROWS and rarer >= LEAST_OF_A_KIND else None


def area_alone(cells: Sequence[str], truth: Array) -> float:
    """Return how well a column alone ranks the label, 0.5 to 1, its gaps counting as a value."""
    values = floats(cells)
    if values is None:
        levels, place = np.unique(np.array(cells, dtype=object).astype(str), return_inverse=True)
        return area_of_codes(place, len(levels), truth)
    return area_of_numbers(values, truth)


def area_of_numbers(values: Array, truth: Array) -> float:
    """Return the same of a column of numbers, NaN where empty."""
    gaps = np.isnan(values)
    known = _folded(values[~gaps], truth[~gaps]) if judgeable(truth[~gaps]) else 0.5
    return max(known if gaps.mean() < 0.5 else 0.5, _folded(gaps.astype(float), truth))  # noqa: PLR2004 - half


def area_of_codes(place: Array, levels: int, truth: Array) -> float:
    """Return the same of a column of text as codes from 0; with too many levels it says nothing."""
    if levels > MOST_LEVELS:
        return 0.5
    rates = np.bincount(place, truth) / np.maximum(np.bincount(place), 1)
    return _folded(rates[place], truth)


def judgeable(truth: Array) -> bool:
    """Say whether there are enough rows of either kind that a perfect column is a wonder."""
    rarer = min(int(truth.sum()), int((~truth).sum()))
    return len(truth) >= LEAST_ROWS and rarer >= LEAST_OF_A_KIND


def _folded(values: Array, truth: Array) -> float:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ones = int(truth.sum())
    area = (ranks[truth].sum() - ones * (ones + 1) / 2) / (ones * (len(truth) - ones))
    return float(max(area, 1.0 - area))


def coincidences(columns: Sequence[Sequence[str]]) -> float:
    """Return how many pairs of equal rows chance would make, were the columns independent."""
    rows = len(columns[0]) if columns else 0
    chances = [sum((n / rows) ** 2 for n in Counter(column).values()) for column in columns]
    return rows * (rows - 1) / 2 * prod(chances)


def is_standardised(cells: Sequence[str]) -> bool:
    """Say whether a column has mean 0 and deviation 1 over all rows."""
    values = _known(cells)
    if values is None or len(np.unique(values)) <= 2:  # noqa: PLR2004 - a flag may be -1 and 1
        return False
    mean, deviations = float(values.mean()), (float(values.std()), float(values.std(ddof=1)))
    return abs(mean) < _TOLERANCE and any(abs(one - 1.0) < _TOLERANCE for one in deviations)


def is_rank(cells: Sequence[str]) -> bool:
    """Say whether a column holds every rank among the rows once, whole or as a share.

    In the order of the file it would be a line number, which says nothing of a cohort.
    """
    values = _known(cells)
    if values is None or not isfinite(float(values.sum())):
        return False
    order, rows = np.sort(values), len(values)
    if (values[1:] > values[:-1]).all():
        return False
    whole = np.arange(1, rows + 1)
    forms = (whole, whole - 1, whole / rows, (whole - 0.5) / rows, (whole - 1) / (rows - 1))
    return any(np.allclose(order, form, rtol=0, atol=_TOLERANCE) for form in forms)


def is_shared(cells: Sequence[str], times: Sequence[str]) -> bool:
    """Say whether everybody has the same value at each time, and another at another time."""
    by_time: dict[str, set[str]] = {}
    for cell, time in zip(cells, times, strict=True):
        by_time.setdefault(time, set()).add(cell)
    crowded = len(times) >= 2 * len(by_time)
    return crowded and all(len(v) == 1 for v in by_time.values()) and len(set(cells)) > 1


def _known(cells: Sequence[str]) -> Array | None:
    values = floats(cells)
    if values is None:
        return None
    values = values[~np.isnan(values)]
    return values if len(values) >= LEAST_ROWS else None
