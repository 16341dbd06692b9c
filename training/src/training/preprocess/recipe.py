"""What is learned about the inputs, and the inputs that follow from it (numpy, float64).

Number columns become `clip * softsign((x - center) / (scale * clip))`, a mark for missing where
training had gaps, and, when asked for, bins of a piecewise-linear encoding. Text columns become one
input a kept level and one for all others. Every input is then reduced by its mean in training, so
that an input of zero is the typical row: the baseline of the contributions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SOFT_CLIP = 4.0
BLOCK = 16_384  # rows whose inputs are made at once: what lies between takes several times as much
LARGEST = 1e30  # infinities become this; far beyond where the soft clip is flat


@dataclass(frozen=True)
class Recipe:
    """Parameters of the preprocessing.

    `gaps` are the places of number columns with a mark for missing; `bin_of`, `bin_low` and
    `bin_width` describe the bins (column, left edge, width); `kept[q]` are the codes of column q
    that have an input, after which comes the input for all others; `mean` is the baseline.
    """

    center: Array
    scale: Array
    gaps: Array
    bin_of: Array
    bin_low: Array
    bin_width: Array
    kept: list[list[int]]
    mean: Array

    @property
    def columns(self) -> int:
        return len(self.center) + len(self.kept)

    @property
    def owner(self) -> Array:
        """Return for each input the column it came from: numbers first, then texts."""
        numbers = len(self.center)
        texts = [np.full(len(codes) + 1, numbers + q) for q, codes in enumerate(self.kept)]
        parts = [np.arange(numbers), self.gaps, self.bin_of, *texts]
        return np.concatenate(parts).astype(np.int64)

    @property
    def width(self) -> int:
        return len(self.owner)

    @property
    def table(self) -> Array:
        """Return `[q, most codes + 2]`: the input within its column of a code, by code + 1."""
        most = max((max(codes, default=-1) for codes in self.kept), default=-1)
        table = np.empty((len(self.kept), most + 2), dtype=np.int64)
        for row, codes in zip(table, self.kept, strict=True):
            row[:] = len(codes)  # all others
            row[np.array(codes, dtype=np.int64) + 1] = np.arange(len(codes))
        return table


def inputs_of(
    recipe: Recipe, numbers: Array, codes: Array, kind: type[np.floating[Any]] = np.float64
) -> Array:
    """Return the inputs `[n, width]`, zero at the typical row; in float64 until they are kept."""
    found = np.empty((len(numbers), recipe.width), dtype=kind)
    for start in range(0, len(numbers), BLOCK):
        rows = slice(start, start + BLOCK)
        raw = raw_inputs(recipe, np.asarray(numbers[rows]), np.asarray(codes[rows]))
        found[rows] = raw - recipe.mean
    return found


def typical(recipe: Recipe, numbers: Array, codes: Array) -> Array:
    """Return the mean of the raw inputs `[width]`."""
    total = np.zeros(recipe.width)
    for start in range(0, len(numbers), BLOCK):
        rows = slice(start, start + BLOCK)
        total += raw_inputs(recipe, numbers[rows], codes[rows]).sum(axis=0)
    return total / len(numbers)


def raw_inputs(recipe: Recipe, numbers: Array, codes: Array) -> Array:
    missing = np.isnan(numbers)
    bounded = np.clip(numbers, -LARGEST, LARGEST)
    filled = np.where(missing, recipe.center, bounded)
    part = (filled - recipe.center) / (recipe.scale * SOFT_CLIP)
    level = SOFT_CLIP * part / (1.0 + np.abs(part))
    within = (filled[:, recipe.bin_of] - recipe.bin_low) / recipe.bin_width
    texts = [one_hot(recipe, q, codes[:, q]) for q in range(len(recipe.kept))]
    marks = missing[:, recipe.gaps].astype(np.float64)
    return np.concatenate([level, marks, np.clip(within, 0.0, 1.0), *texts], axis=1)


def one_hot(recipe: Recipe, column: int, codes: Array) -> Array:
    table = recipe.table[column]
    index = table[np.clip(codes + 1, 0, len(table) - 1)]
    index = np.where(codes + 1 < len(table), index, len(recipe.kept[column]))
    return np.eye(len(recipe.kept[column]) + 1)[index]
