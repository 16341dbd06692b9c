"""When an event is too old, or too far ahead of time, judged at its own place in the log.

The ring ends 119 days before the newest day that any record of the partition reached so far. An
event more than `ahead_days` beyond the last tick is refused: taken at its word it would empty the
ring. Before the first tick there is nothing to judge by and every time is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.domain.columns import KINDS
from features.domain.state import NO_DAY
from shared.features.life import half_year
from shared.features.slots import RING_DAYS, TERMS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_FAR = np.int64(2**40)
_AGES = ("ring", "terms", "never", "life")


@dataclass(frozen=True)
class Judged:
    """For each event: is it too late, ahead of time, outside the horizon; newest day so far.

    `outruns`: some event is in time at its place and would be too late at the end of the batch (a
    long replay of few students); such a batch is to be applied in halves.
    """

    late: Bools
    ahead: Bools
    outlier: Bools
    newest: Ints
    reached: Ints  # newest day after each chunk
    outruns: bool = False


@dataclass(frozen=True)
class Before:
    """What a chunk begins with: its first event, the newest day, the last day believed."""

    start: int
    newest: int
    believed: int | None


def judge(
    codes: Ints, days: Ints, reach: Ints, *, befores: Sequence[Before], horizon: int
) -> Judged:
    """Judge the events of consecutive chunks, one chunk a partition."""
    count = len(days)
    starts = [before.start for before in befores]
    lengths = np.diff([*starts, count])
    limits = np.array([_FAR if b.believed is None else b.believed for b in befores], np.int64)
    ahead = (days > np.repeat(limits, lengths)) | (days == NO_DAY)
    counted = np.where(ahead, NO_DAY, reach) if ahead.any() else reach
    first = np.array([before.newest for before in befores], np.int64)
    reached = np.maximum(first, np.maximum.reduceat(counted, starts))
    if (np.minimum.reduceat(days, starts) >= reached - horizon).all() and not ahead.any():
        nobody = np.zeros(count, np.bool_)
        return Judged(nobody, ahead, nobody, np.repeat(reached, lengths), reached)
    newest = np.empty(count, np.int64)
    for before, length in zip(befores, lengths.tolist(), strict=True):
        chunk = slice(before.start, before.start + length)
        newest[chunk] = np.maximum(np.maximum.accumulate(counted[chunk]), before.newest)
    late = _late(codes, days, newest) & ~ahead
    after = np.repeat(reached, lengths)
    gone = (_late(codes, days, after) | _left_ring(codes, days, newest, after)) & ~late & ~ahead
    outlier = ahead | (days < newest - horizon)
    return Judged(late, ahead, outlier, newest, reached, outruns=bool(gone.any()))


def _left_ring(codes: Ints, days: Ints, newest: Ints, after: Ints) -> Bools:
    """Say which days of events that are never too late leave the ring within the batch."""
    lasting = np.array([kind.ages == "life" for kind in KINDS])[codes]
    left: Bools = lasting & (days > newest - RING_DAYS) & (days <= after - RING_DAYS)
    return left


def _late(codes: Ints, days: Ints, newest: Ints) -> Bools:
    ages = np.array([_AGES.index(kind.ages) for kind in KINDS])[codes]
    too_old = days < newest - RING_DAYS + 1
    if not too_old.any():
        return too_old
    term_gone = half_year(days) <= half_year(newest) - TERMS
    late: Bools = np.where(ages == 0, too_old, (ages == 1) & term_gone)
    return late
