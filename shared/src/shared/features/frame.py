"""What an indicator sees: the last 85 campus days of some students, and windows of whole weeks.

An indicator function takes a `Frame` and the days on which its evidence was observed (`[n, 84]`)
and returns `[n, 1 + past]`: its value over the window that ends with the last closed day, and over
the windows that end 0, 1, 2, … weeks before that window begins, as far as 8 weeks reach. So the
student's usual value is the same indicator in their own past, with the same mix of weekdays.

All sums are of integers and all other reductions run along the last axis of one student, so that a
value does not depend on who else is evaluated.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from shared.features.slots import DAY_MINUTES, DayArray

LOOKBACK_DAYS = 84
BASELINE_WEEKS = 8
WEEK = 7
_WEEKS = LOOKBACK_DAYS // WEEK
Array = NDArray[Any]
Bools = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True)
class Frame:
    """Days `[n, 85]`, oldest first, of which the last is the open day at `minute`; and life."""

    days: DayArray
    life: DayArray
    end_day: int
    minute: int
    _fields: dict[str, Any] = field(default_factory=dict)

    @property
    def students(self) -> int:
        return int(self.days.shape[0])

    def block(self, first: int, end: int) -> "Frame":
        """Return the frame of some of the students."""
        return Frame(self.days[first:end], self.life[first:end], self.end_day, self.minute)

    def slot(self, name: str) -> Array:
        """Return one slot of all 85 days, contiguous."""
        if name not in self._fields:
            self._fields[name] = np.ascontiguousarray(self.days[name])
        values: Array = self._fields[name]
        return values

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """Return what several indicators share, made once a frame."""
        if name not in self._fields:
            self._fields[name] = make()
        made: T = self._fields[name]
        return made

    def closed(self, series: Array, closes_at: int = DAY_MINUTES) -> Array:
        """Return the 84 days that end with today if it is past `closes_at`, else yesterday."""
        return series[:, 1:] if self.minute >= closes_at else series[:, :-1]


def past_windows(window_days: int) -> int:
    """Return how many past windows the eight weeks before a window hold."""
    return BASELINE_WEEKS - window_days // WEEK + 1


def weekly(series: Array) -> Array:
    """Return `[n, 12, ...]` sums of `[n, 84, ...]` days."""
    days = series.reshape(series.shape[0], _WEEKS, WEEK, *series.shape[2:])
    total = days[:, :, 0].copy()
    for day in range(1, WEEK):
        total += days[:, :, day]
    return total


def windows(weeks: Array, window_days: int) -> Array:
    """Return `[n, 1 + past, ...]` sums of weekly sums: the window, then its past ones."""
    size = window_days // WEEK
    ends = [_WEEKS, *(_WEEKS - size - back for back in range(past_windows(window_days)))]
    parts = []
    for end in ends:
        total = weeks[:, end - size].copy()
        for week in range(end - size + 1, end):
            total += weeks[:, week]
        parts.append(total)
    return np.stack(parts, axis=1)


def totals(series: Array, observed: Bools, window_days: int) -> Array:
    """Return sums over the observed days of each window."""
    kept = np.multiply(series, observed, dtype=np.int32)
    return windows(weekly(kept), window_days)


def share(over: Array, under: Array, *, scale: float = 1.0, empty: float = np.nan) -> Array:
    """Return `scale * over / under` of integers, `empty` where nothing is under."""
    safe = np.maximum(under, 1)
    return np.where(under > 0, over * scale / safe, empty)


def mean_a_day(series: Array, observed: Bools, window_days: int, scale: float = 1.0) -> Array:
    """Return the mean of a daily integer over the observed days of each window."""
    days = totals(observed, observed, window_days)
    return share(totals(series, observed, window_days), days, scale=scale)


def medians(series: Array, observed: Bools, spans: list[tuple[int, int]]) -> Array:
    """Return medians of a daily integer over the observed days of spans of the 84 days."""
    unseen = np.int64(2**40)
    kept = np.where(observed, series.astype(np.int64), unseen)
    columns = []
    for first, last in spans:
        part = np.sort(kept[:, first:last], axis=-1)
        count = observed[:, first:last].sum(axis=-1)
        low = np.take_along_axis(part, np.maximum(count - 1, 0)[:, None] // 2, -1)[:, 0]
        high = np.take_along_axis(part, np.minimum(count[:, None] // 2, last - first - 1), -1)
        columns.append(np.where(count > 0, (low + high[:, 0]) / 2.0, np.nan))
    return np.stack(columns, axis=1)


def spans(window_days: int) -> list[tuple[int, int]]:
    """Return the day ranges of the window and its past ones."""
    end = LOOKBACK_DAYS
    ends = [end, *(end - window_days - WEEK * b for b in range(past_windows(window_days)))]
    return [(last - window_days, last) for last in ends]
