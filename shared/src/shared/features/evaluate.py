"""From state to vectors: every indicator of the catalogue for some students at one moment.

The result of a student does not depend on who else is in the batch, nor on the order of anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.features.catalogue import CATALOGUE
from shared.features.coverage import FULL, OBSERVED, covered, due_from, usual_evidence
from shared.features.frame import (
    BASELINE_WEEKS,
    LOOKBACK_DAYS,
    WEEK,
    Array,
    Bools,
    Frame,
    observed_days,
    past_windows,
    weeks_back,
)
from shared.features.indicator import Indicator
from shared.features.slots import DAY, DayArray

FRAME_DAYS = LOOKBACK_DAYS + 1
BASELINE_FLOOR = 28  # observed days without which a student has no usual value
BLOCK = 512  # students at a time: few leave the cache, and BLAS starts no threads for so little
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95


@dataclass(frozen=True)
class Vectors:
    """`[n, k]` in the catalogue's order; NaN is missing. `low` and `high` are P5 and P95."""

    values: Array
    coverage: Array
    usual: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Context:
    """A frame with the yields `[85, types]` and the masked days `[n, 85]` of its days."""

    frame: Frame
    yields: Array
    masked: Bools
    usual: Array


@dataclass(frozen=True)
class Observation:
    """Thousandths of the due evidence, and the days that are not masked, `[n, 84]` each."""

    evidence: Array
    days: Bools

    def observed(self) -> Bools:
        """Return the days that count for values."""
        seen: Bools = self.days & (self.evidence >= OBSERVED)
        return seen

    def coverage(self) -> Array:
        """Return `[n, 12]`: the coverage of windows of 1..12 weeks."""
        return covered(self.evidence, self.days)


@dataclass(frozen=True)
class Column:
    """One indicator of n students: values and coverage `[n]`, and its past windows `[n, p]`."""

    values: Array
    coverage: Array
    past: Array


def chronological(ring: DayArray, rows: Array, end_day: int) -> DayArray:
    """Copy the last 85 days of some rows of a ring, oldest first."""
    size = ring.shape[1]
    words = DAY.itemsize // 8
    first = (end_day - FRAME_DAYS + 1) % size
    picked = ring.view("<u8").reshape(len(ring), size * words)[rows].reshape(-1, size, words)
    days = np.empty((len(rows), FRAME_DAYS, words), dtype="<u8")
    straight = min(FRAME_DAYS, size - first)
    days[:, :straight] = picked[:, first : first + straight]
    days[:, straight:] = picked[:, : FRAME_DAYS - straight]
    ordered: DayArray = days.reshape(len(rows), FRAME_DAYS * words).view(DAY)
    return ordered


def evaluate(
    frame: Frame, yields: Array, masked: Bools, catalogue: Sequence[Indicator] = CATALOGUE
) -> Vectors:
    """Evaluate students `[n, 85 days]` with yields `[85, types]` and masked days `[n, 85]`."""
    parts = [
        _block(frame.block(at, at + BLOCK), yields, masked[at : at + BLOCK], catalogue)
        for at in range(0, max(frame.students, 1), BLOCK)
    ]
    return Vectors(*np.concatenate(parts, axis=1))


def _block(frame: Frame, yields: Array, masked: Bools, catalogue: Sequence[Indicator]) -> Array:
    """Return `[5, n, k]`: value, coverage, usual, low and high."""
    context = Context(frame, yields, masked, usual_evidence(frame, yields))
    columns = [_column(context, one) for one in catalogue]
    shape = (frame.students, len(columns))
    values, coverage = np.full((2, *shape), np.nan)
    past = np.full((*shape, past_windows(WEEK)), np.nan)
    for place, column in enumerate(columns):
        values[:, place], coverage[:, place] = column.values, column.coverage
        past[:, place, : column.past.shape[1]] = column.past
    return np.stack([values, coverage, *quantiles(past, (MIDDLE, LOW, HIGH))])


def _column(context: Context, one: Indicator) -> Column:
    """Return one indicator of all students."""
    kind, frame = one.observation, context.frame
    observation = frame.derived(f"observation {kind}", lambda: _observe(context, one))
    observed = frame.derived(f"observed {kind}", observation.observed)
    values = one.function(frame, observed)
    if one.rule == "record":
        return _recorded(context, one, values[:, 0])
    weeks = one.window_days // WEEK - 1
    coverage = frame.derived(f"coverage {kind}", observation.coverage)[:, weeks]
    if one.has_floor:
        enough = observed_days(frame, observed, one.window_days) * 2 >= one.window_days
        values = np.where(enough[:, : values.shape[1]], values, np.nan)
    if values.shape[1] == 1:
        return Column(values[:, 0], coverage, np.empty((len(values), 0)))
    known = frame.derived(f"known {kind}", lambda: _has_baseline(observed))[:, weeks, None]
    return Column(values[:, 0], coverage, np.where(known, values[:, 1:], np.nan))


def _has_baseline(observed: Bools) -> Bools:
    """Say of `[n, 12]` whether enough of the eight weeks before 1..12 weeks was observed."""
    enough: Bools = observed.astype(np.float32) @ _BASELINES >= BASELINE_FLOOR
    return enough


_BASELINES = weeks_back(BASELINE_WEEKS * WEEK)


def _observe(context: Context, one: Indicator) -> Observation:
    frame, campus = context.frame, ~context.masked
    evidence = context.usual
    if one.rule != "usual":
        due = frame.derived(f"due {one.streams}", lambda: due_from(one.streams, context.yields))
        evidence = np.broadcast_to(due, campus.shape)
    if one.clockless:
        evidence = np.where((frame.slot("seen") & one.clockless) != 0, 0, evidence)
    if one.spans_night:
        before = np.zeros_like(evidence)
        before[:, 1:] = evidence[:, :-1]
        evidence = np.minimum(evidence, before)
        campus[:, 1:] &= ~context.masked[:, :-1]
    return Observation(frame.closed(evidence, one.closes_at), frame.closed(campus, one.closes_at))


def _recorded(context: Context, one: Indicator, values: Array) -> Column:
    """Return what the life record tells, known once the feed was alive or the record holds any."""
    alive = bool(due_from(one.streams[:1], context.yields).max(initial=0) * 2 >= FULL)
    life = context.frame.life
    recorded = (life["terms"]["tag"] != 0).any(axis=-1) | (life["due"] != 0).any(axis=-1)
    known = recorded | alive
    none = np.empty((len(values), 0))
    return Column(np.where(known, values, np.nan), known.astype(np.float64), none)


def quantiles(past: Array, shares: tuple[float, ...]) -> list[Array]:
    """Return quantiles (linear interpolation) along the last axis, leaving NaN out."""
    if past.shape[-1] == 0:
        return [np.full(past.shape[:-1], np.nan) for _ in shares]
    ordered = np.sort(past, axis=-1)  # NaN comes last
    known = np.count_nonzero(past == past, axis=-1)  # noqa: PLR0124 - NaN is not
    last = np.maximum(known - 1, 0)
    first = np.arange(last.size).reshape(last.shape) * past.shape[-1]
    marks = []
    for share in shares:
        place = last * share
        lower = place.astype(np.int64)  # rounds down: nothing is negative
        below = ordered.take(first + lower)
        above = ordered.take(first + np.minimum(lower + 1, last))
        marks.append(below + (above - below) * (place - lower))
    return marks
