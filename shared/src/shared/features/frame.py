"""What an indicator sees: the last 85 campus days of some students, and windows of whole weeks.

An indicator function takes a `Frame` and the days on which its evidence was observed (`[n, 84]`)
and returns `[n, 1 + past]`: its value over the window that ends with the last closed day, and over
the windows that end 0, 1, 2, … weeks before that window begins, as far as 8 weeks reach. So the
student's usual value is the same indicator in their own past, with the same mix of weekdays.

All sums are of integers and all other reductions run along the last axis of one student, so that a
value does not depend on who else is evaluated. Logarithms come from tables, for the same reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from shared.features.slots import DAY, DAY_MINUTES, OFFSETS, SLOTS, DayArray

LOOKBACK_DAYS = 84
BASELINE_WEEKS = 8
WEEK = 7
_WEEKS = LOOKBACK_DAYS // WEEK
_WORD = 8
_TURNED_AT_ONCE = 64  # students whose days fit the cache
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

    @property
    def planes(self) -> Array:
        """Return `[14, n, 85]`: the day records as 64-bit words, copied once for all slots."""
        return self.derived("planes", lambda: _planes(self.days))

    def slot(self, name: str, word: int = 0) -> Array:
        """Return one slot of all 85 days, contiguous; `word` picks the integer of a wide one."""
        key = f"slot {name} {word}"
        if key not in self._fields:
            kind = np.dtype("<" + SLOTS[name].dtype)
            place = OFFSETS[name] + word * kind.itemsize
            parts = self.planes[place // _WORD].view(kind)
            values: Array = parts[:, place % _WORD // kind.itemsize :: _WORD // kind.itemsize]
            self._fields[key] = np.ascontiguousarray(values)
        found: Array = self._fields[key]
        return found

    def words(self, name: str) -> list[Array]:
        """Return a bitmap as 64-bit words `[n, 85]`, empty beyond its own bits."""
        return self.derived(f"words {name}", lambda: self._words(name))

    def _words(self, name: str) -> list[Array]:
        first, size = divmod(OFFSETS[name], _WORD)[0], SLOTS[name].size
        words = list(self.planes[first : first + -(-size // _WORD)])
        if size % _WORD:
            words[-1] = words[-1] & np.uint64((1 << 8 * (size % _WORD)) - 1)
        return words

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """Return what several indicators share, made once a frame."""
        if name not in self._fields:
            self._fields[name] = make()
        made: T = self._fields[name]
        return made

    def of_days(
        self, name: str, observed: Bools, window_days: int, make: Callable[[], Array]
    ) -> Array:
        """Return what several indicators share that are observed on the same days."""
        key = f"{name} {id(observed)} {window_days}"
        made: tuple[Bools, Array] = self.derived(key, lambda: (observed, make()))
        return made[1]  # the days are kept beside it, so that no other array gets their id

    def closed(self, series: Array, closes_at: int = DAY_MINUTES) -> Array:
        """Return the 84 days that end with today if it is past `closes_at`, else yesterday."""
        return series[:, 1:] if self.minute >= closes_at else series[:, :-1]


def past_windows(window_days: int) -> int:
    """Return how many past windows end within the eight weeks before a window."""
    size = window_days // WEEK
    return max(0, min(BASELINE_WEEKS - size + 1, _WEEKS - 2 * size + 1))


def spans(window_days: int) -> list[tuple[int, int]]:
    """Return the day ranges of the window and its past ones."""
    end = LOOKBACK_DAYS
    ends = [end, *(end - window_days - WEEK * b for b in range(past_windows(window_days)))]
    return [(last - window_days, last) for last in ends]


def edges(window_days: int) -> Array:
    """Return `[2, 1 + past]`: where the window and its past ones begin and end."""
    found = _EDGES.get(window_days)
    if found is None:
        found = _EDGES[window_days] = np.array(spans(window_days)).T
    return found


_EDGES: dict[int, Array] = {}


def totals(series: Array, observed: Bools, window_days: int) -> Array:
    """Return sums of a daily integer over the observed days of each window.

    A product with zeros and ones: all sums are of whole numbers, exact in float32 where a day has
    at most 16 bits, so in any order.
    """
    exact = np.float32 if series.dtype.itemsize <= _EXACT_BYTES else np.float64
    sums = np.multiply(series, observed, dtype=exact) @ _bands(window_days, exact)
    whole: Array = sums.astype(np.int32)
    return whole


def weeks_back(until_days: int = 0) -> Array:
    """Return `[84, 12]` zeros and ones: column k holds the days of the last k + 1 weeks.

    With `until_days` it holds as many days of what lies before these weeks, as far as they reach.
    """
    age = np.arange(LOOKBACK_DAYS, 0, -1)[:, None]
    window = WEEK * np.arange(1, _WEEKS + 1)
    inside = (age > window) & (age <= window + until_days) if until_days else age <= window
    return inside.astype(np.float32)


def _bands(window_days: int, kind: type[np.floating[Any]]) -> Array:
    """Return `[84, 1 + past]` zeros and ones: the days of the window and of its past ones."""
    found = _BANDS.get((window_days, kind))
    if found is None:
        first, last = edges(window_days)
        day = np.arange(LOOKBACK_DAYS)[:, None]
        found = _BANDS[window_days, kind] = ((day >= first) & (day < last)).astype(kind)
    return found


_BANDS: dict[tuple[int, type[np.floating[Any]]], Array] = {}
_EXACT_BYTES = 2


def share(over: Array, under: Array, *, scale: float = 1.0, empty: float = np.nan) -> Array:
    """Return `scale * over / under` of integers, `empty` where nothing is under."""
    safe = np.maximum(under, 1)
    return np.where(under > 0, over * scale / safe, empty)


def mean_a_day(
    frame: "Frame", series: Array, observed: Bools, window_days: int, *, scale: float = 1.0
) -> Array:
    """Return the mean of a daily integer over the observed days of each window."""
    days = observed_days(frame, observed, window_days)
    return share(totals(series, observed, window_days), days, scale=scale)


def observed_days(frame: "Frame", observed: Bools, window_days: int) -> Array:
    """Return how many days of each window were observed."""
    return frame.of_days(
        "days", observed, window_days, lambda: totals(observed, observed, window_days)
    )


def sample_sd(count: Array, total: Array, squares: Array) -> Array:
    """Return the standard deviation of whole numbers from their sums; NaN for fewer than three."""
    n = count.astype(np.int64)
    spread = n * squares.astype(np.int64) - total.astype(np.int64) ** 2
    safe = np.maximum(n * (n - 1), 1)
    return np.where(n >= 3, np.sqrt(np.maximum(spread, 0) / safe), np.nan)  # noqa: PLR2004 - of two


def medians(series: Array, observed: Bools, ranges: list[tuple[int, int]]) -> Array:
    """Return medians of a daily integer over the observed days of equally long ranges of days."""
    size = ranges[0][1] - ranges[0][0]
    kept = np.where(observed, series, UNSEEN)
    parts = np.sort(sliding_window_view(kept, size, axis=1)[:, [low for low, _ in ranges]], axis=-1)
    count = (parts < UNSEEN).sum(axis=-1)
    low = np.take_along_axis(parts, np.maximum(count - 1, 0)[..., None] // 2, -1)[..., 0]
    high = np.take_along_axis(parts, np.minimum(count // 2, size - 1)[..., None], -1)[..., 0]
    return np.where(count > 0, (low + high.astype(np.float64)) / 2.0, np.nan)


UNSEEN = np.int32(2**30)


def _planes(days: DayArray) -> Array:
    width, made = DAY.itemsize // _WORD, np.empty((DAY.itemsize // _WORD, *days.shape), dtype="<u8")
    side_by_side = days.strides[0] == DAY.itemsize  # the students of a day, as the pool keeps them
    for first in range(0, len(days), _TURNED_AT_ONCE):
        part = days[first : first + _TURNED_AT_ONCE]
        if side_by_side:
            made[:, first : first + len(part)] = _cube(part.T.view("<u8"), width).transpose(2, 1, 0)
        else:
            cube = np.ascontiguousarray(part).view("<u8").reshape(*part.shape, width)
            made[:, first : first + len(part)] = cube.transpose(2, 0, 1)
    return made


def _cube(lines: Array, width: int) -> Array:
    """Copy `[85, n x width]` to `[85, n, width]`, a little apart.

    Rows a power of two apart would fall on each other in the cache.
    """
    apart = np.empty((len(lines), lines.shape[1] + _WORD), dtype="<u8")[:, : lines.shape[1]]
    apart[...] = lines
    cube: Array = apart.reshape(len(lines), -1, width)
    return cube
