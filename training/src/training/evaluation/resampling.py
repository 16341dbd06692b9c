"""The cluster bootstrap: whole students are drawn, with all of their weeks.

Rows of one student resemble each other, so drawing rows would give intervals that are too narrow
(Davison and Hinkley 1997, section 3.8). All figures of an evaluation are computed from the same
draws, so that differences between predictors are paired. Intervals are the 2.5th and 97.5th
percentile of the draws, widened to hold the value itself where a figure is biased in resamples
(ECE is). Where every draw gives the same share (no alert was wrong, say), the bootstrap knows
nothing and Wilson's interval (1927) over the students stands in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.evaluation.figures import NOTHING, Figure
from training.evaluation.sample import Floats, Ints

CONFIDENCE = 0.95
MOST_REPLICATES, LEAST_REPLICATES = 1000, 200
WORK = 20_000_000  # rows x replicates that a default run affords
CELLS = 500_000  # of one block: 4 MB of float64, which stays in the cache
KEPT = 100_000_000  # draws x students that are kept, a byte each; beyond, they are drawn again
Counts = NDArray[np.uint8]
ENOUGH = 0.5  # the share of draws in which a figure must exist
Z = 1.959963984540054  # the 97.5th percentile of the normal distribution


@dataclass(frozen=True)
class Resampler:
    """Draws of students; the same seed gives the same draws, whatever they are used for."""

    student: Ints
    students: int
    seed: int
    replicates: int

    def counts(self, width: int) -> Iterator[Floats]:
        """Yield blocks `[b, students]` of how often each student was drawn, for arrays of width."""
        block = max(1, CELLS // max(width, self.students, 1))
        if self.replicates * self.students > KEPT:
            yield from (drawn.astype(np.float64) for drawn in self._draws(block))
            return
        for begin in range(0, self.replicates, block):
            yield self._kept[begin : begin + block].astype(np.float64)

    @cached_property
    def _kept(self) -> Counts:
        return np.concatenate(list(self._draws(max(1, CELLS // self.students))))

    def _draws(self, block: int) -> Iterator[Counts]:
        random = np.random.default_rng(self.seed)
        for begin in range(0, self.replicates, block):
            size = min(block, self.replicates - begin)
            drawn = random.integers(0, self.students, (size, self.students))
            drawn += np.arange(size)[:, None] * self.students
            counted = np.bincount(drawn.ravel(), minlength=size * self.students)
            yield counted.reshape(size, self.students).astype(np.uint8)

    def sums(self, columns: Floats) -> Floats:
        """Return the totals `[replicates, m]` of columns `[n, m]` over the rows drawn."""
        each = np.stack(
            [np.bincount(self.student, one, minlength=self.students) for one in columns.T], axis=1
        )
        return np.concatenate([counts @ each for counts in self.counts(columns.shape[1])])

    def tallied(self, cell: Ints, cells: int, rows: Ints) -> Floats:
        """Return the weight of rows in each cell `[replicates, cells]`; `cell` is one a row."""
        student = self.student[rows]
        return np.stack(
            [
                np.bincount(cell, each[student], minlength=cells)
                for counts in self.counts(1)
                for each in counts
            ]
        )


def replicates_for(rows: int, asked: int | None) -> int:
    """Return how many draws: as asked, otherwise 1,000, and fewer for very many rows."""
    if asked is not None:
        return max(2, asked)
    return int(np.clip(WORK // max(rows, 1), LEAST_REPLICATES, MOST_REPLICATES))


def figure(value: float, draws: Floats, *, share_of: float | None = None) -> Figure:
    """Return a value with its interval; `share_of` is the number of students behind a share."""
    if not np.isfinite(value):
        return NOTHING
    known = draws[np.isfinite(draws)]
    if len(known) < ENOUGH * len(draws):
        return Figure(float(value), None, None)
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(known, [tail, 1.0 - tail])
    if share_of is not None and high - low <= np.finfo(np.float64).eps:
        low, high = wilson(value, share_of)
    return Figure(float(value), float(min(low, value)), float(max(high, value)))


def wilson(share: float, trials: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share seen in a number of trials."""
    if trials <= 0:
        return 0.0, 1.0
    square = Z * Z / trials
    middle = (share + square / 2.0) / (1.0 + square)
    half = Z * np.sqrt(share * (1.0 - share) / trials + square / (4.0 * trials)) / (1.0 + square)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)
