"""Learn a recipe from the training part: robust spans, bins, levels that are not rare."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.preprocess.recipe import LARGEST, Recipe, typical
from training.table.reading import Table

Array = NDArray[Any]
SAMPLE = 200_000  # rows that spans, bins and means are computed from
_SPAN = 3.29  # the 5-95 % span of a normal variable in standard deviations
_TINY = 1e-12


@dataclass(frozen=True)
class Choice:
    """How inputs are made: bins a number column (0: none), rows a level needs, most levels."""

    bins: int = 0
    least_rows: int = 10
    most_levels: int = 64


def fit_recipe(table: Table, rows: Array, choice: Choice) -> Recipe:
    """Fit on the given rows of a table (a fixed sample of them where they are many)."""
    rows = sample(rows, SAMPLE)
    numbers, codes = np.asarray(table.numbers[rows]), np.asarray(table.codes[rows])
    bounded = np.where(np.isfinite(numbers), np.clip(numbers, -LARGEST, LARGEST), np.nan)
    known = [column[~np.isnan(column)] for column in bounded.T]
    bins = [bin_edges(column, choice.bins) for column in known]
    low = [edges[:-1] for edges in bins]
    width = [np.diff(edges) for edges in bins]
    recipe = Recipe(
        center=np.array([np.median(c) if len(c) else 0.0 for c in known]),
        scale=np.array([span(c) for c in known]),
        gaps=np.flatnonzero(np.isnan(numbers).any(axis=0)),
        bin_of=np.repeat(np.arange(len(bins)), [len(part) for part in low]).astype(np.int64),
        bin_low=np.concatenate([*low, np.empty(0)]),
        bin_width=np.concatenate([*width, np.empty(0)]),
        kept=[kept_levels(column, choice) for column in codes.T],
        mean=np.zeros(1),
    )
    return replace(recipe, mean=typical(recipe, numbers, codes))


def sample(rows: Array, most: int) -> Array:
    """Return at most so many of the rows, spread evenly; the same every time."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def span(column: Array) -> float:
    """Return the robust standard deviation; the plain one where that is nothing; else 1."""
    if len(column) == 0:
        return 1.0
    low, high = np.quantile(column, [0.05, 0.95])
    for width in ((high - low) / _SPAN, column.std()):
        if width > _TINY * max(1.0, abs(float(np.median(column)))):
            return float(width)
    return 1.0


def bin_edges(column: Array, bins: int) -> Array:
    """Return quantile edges, or all values where they are few; fewer than three edges are none."""
    if bins == 0 or len(column) == 0:
        return np.empty(1)
    values = np.unique(column)
    edges = (
        values
        if len(values) <= bins + 1
        else np.unique(np.quantile(column, np.linspace(0.0, 1.0, bins + 1)))
    )
    gap = 1e-9 * max(1.0, float(np.abs(edges).max()))
    edges = edges[np.r_[True, np.diff(edges) > gap]]
    return edges if len(edges) > 2 else np.empty(1)  # noqa: PLR2004 - one bin says nothing new


def kept_levels(column: Array, choice: Choice) -> list[int]:
    """Return the codes with enough rows, most frequent first; none where each row has its own."""
    codes, counts = np.unique(column[column >= 0], return_counts=True)
    order = np.lexsort((codes, -counts))
    kept = [int(codes[i]) for i in order if counts[i] >= choice.least_rows]
    return kept[: choice.most_levels]
