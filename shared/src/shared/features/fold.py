"""From columns of decoded events to slot updates, and from updates to state.

Input of every function is `Moments` (n events of one type) and that type's fields as arrays of
length n, in any order; output is a list of `Update`. `apply` merges updates into a `DAY` array
`[student, ring day]`; since every merge is commutative and associative, so is the fold. Events that
were refused or that are no presence give no update. The caller drops duplicates, and events whose
own campus day is outside the ring; a network session that reaches outside is clipped by `apply`.

Columns: `merchant` indexes `slots.MERCHANTS`, `gate` indexes `GATES`, `place` is `place_index` of
the building code (0..63), `status` indexes `GRADE_STATUS`, `kind` indexes `slots.MILESTONES`.
Day numbers count campus days since 1970-01-01, minutes count from 04:00 local time.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.features.slots import (
    CLOCKLESS_GATE,
    CLOCKLESS_MEAL,
    DAY,
    DAY_MINUTES,
    DORM_IN,
    DORM_OUT,
    MERCHANTS,
    OFFSETS,
    SLOTS,
    TYPE_BIT,
    DayArray,
)

FOLD_VERSION = 1
"""Part of the catalogue's hash: raise it with any change of what an event does to a slot."""
GATES = ("dorm", "library", "teaching", "lab", "campus")
MEAL, SHOP = MERCHANTS.index("meal"), MERCHANTS.index("shop")
DORM, LIBRARY = GATES.index("dorm"), GATES.index("library")
NIGHT_FROM, NIGHT_TO = 18 * 60, 2 * 60  # 22:00 and 06:00 as minutes of the campus day
REST_FROM, REST_TO = 16 * 60, 4 * 60  # 20:00 and 08:00
BYTES_FLOOR_A_MINUTE = 10_000  # below, a session is background keep-alive: no activity by hour
PLACE_MINUTES = 10  # a session shorter than this is passing by, not a visit
LONGEST_SESSION = 2 * DAY_MINUTES
_CARD, _GATE, _LOAN, _NET = (
    TYPE_BIT["lantern.card.swiped.v1"],
    TYPE_BIT["lantern.gate.passed.v1"],
    TYPE_BIT["lantern.library.loaned.v1"],
    TYPE_BIT["lantern.network.used.v1"],
)
_LEARN = TYPE_BIT["lantern.learning.acted.v1"]
_ATTEND = TYPE_BIT["lantern.attendance.recorded.v1"]

Array = NDArray[Any]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moments:
    """Where and when n events fell; `clocked` is False where only the day is known."""

    rows: Array
    days: Array
    minutes: Array
    clocked: Bools

    def where(self, chosen: Bools) -> "Moments":
        """Return the events of a boolean mask."""
        return Moments(
            self.rows[chosen], self.days[chosen], self.minutes[chosen], self.clocked[chosen]
        )


@dataclass(frozen=True, slots=True)
class Update:
    """Values to merge into one slot; `words` picks the word of a wide slot."""

    slot: str
    rows: Array
    days: Array
    values: Array | int
    words: Array | None = None


def place_index(code: str) -> int:
    """Return the bit of a building code, 0..63: stable everywhere, and one-way enough."""
    return hashlib.blake2b(code.encode(), digest_size=1).digest()[0] & 63


def card(at: Moments, merchant: Array, amount: Array) -> list[Update]:
    """Purchases; `amount` in yuan is kept in fen."""
    food = ((merchant == MEAL) | (merchant == SHOP)) & at.clocked
    night = food & ((at.minutes >= NIGHT_FROM) | (at.minutes < NIGHT_TO))
    meal = merchant == MEAL
    clockless = np.where(meal & ~at.clocked, _CARD | CLOCKLESS_MEAL, _CARD)
    kinds = np.left_shift(1, merchant, dtype=np.int64)
    return [
        Update("seen", at.rows, at.days, clockless),
        Update("spend_fen", at.rows, at.days, np.rint(amount * 100.0)),
        Update("card_kinds", at.rows, at.days, kinds),
        _chosen("purchases", at, food, 1),
        _chosen("night_purchases", at, night, 1),
        *_bitmap("meal_bins", at.where(meal & at.clocked), 10),
        *_activity(at),
    ]


def gate(at: Moments, gate: Array, place: Array, *, inward: Bools, granted: Bools) -> list[Update]:
    """Fold passes of doors and gates; refused ones leave no trace."""
    at, gate, place, inward = at.where(granted), gate[granted], place[granted], inward[granted]
    dorm, library = gate == DORM, gate == LIBRARY
    entry, leave = library & inward & at.clocked, library & ~inward & at.clocked
    home = dorm & inward & at.clocked
    return [
        Update("seen", at.rows, at.days, np.where(at.clocked, _GATE, _GATE | CLOCKLESS_GATE)),
        Update("places", at.rows, at.days, _bit(place)),
        _chosen("dorm", at, dorm, np.where(inward, DORM_IN, DORM_OUT)),
        _chosen("dorm_places", at, dorm, _bit(place & 31)),
        _chosen("dorm_last_in", at, home, at.minutes.astype(np.int64) + 1),
        _chosen("library_in", at, library & inward, 1),
        _chosen("library_out", at, leave, 1),
        _chosen("library_in_sum", at, entry, at.minutes),
        _chosen("library_out_sum", at, leave, at.minutes),
        *_bitmap("library_bins", at.where(entry), 30),
        *_activity(at),
    ]


def loan(at: Moments, *, in_person: Bools) -> list[Update]:
    """Loans and renewals (`in_person`); an overdue notice is no presence and leaves no trace."""
    at = at.where(in_person)
    return [
        Update("seen", at.rows, at.days, _LOAN),
        Update("loans", at.rows, at.days, 1),
        *_activity(at),
    ]


def learning(at: Moments) -> list[Update]:
    """Activities on the learning platform."""
    seen = Update("seen", at.rows, at.days, _LEARN)
    return [seen, Update("learning", at.rows, at.days, 1), *_activity(at)]


def attendance(at: Moments, *, attended: Bools) -> list[Update]:
    """Scheduled meetings: attending is presence, missing is not."""
    there = at.where(attended)
    return [
        Update("seen", there.rows, there.days, _ATTEND),
        Update("attended", there.rows, there.days, 1),
        _chosen("missed", at, ~attended, 1),
        *_activity(there),
    ]


def presence(at: Moments, event_type: str) -> list[Update]:
    """Other types that show only that the student was there (flows, contacts, literature)."""
    return [Update("seen", at.rows, at.days, TYPE_BIT[event_type]), *_activity(at)]


def network(at: Moments, minutes_long: Array, place: Array, octets: Array) -> list[Update]:
    """Sessions from the moment on; minutes fall on the days and bins that they cover.

    A session under the floor of bytes shows presence but no activity by hour; one that reports no
    bytes at all is taken as active, since such feeds report none ever.
    """
    long = np.clip(minutes_long.astype(np.int64), 0, LONGEST_SESSION)
    lasting = at.clocked & (long >= PLACE_MINUTES)
    active = at.clocked & ((octets == 0) | (octets >= BYTES_FLOOR_A_MINUTE * np.maximum(long, 1)))
    start = at.days.astype(np.int64) * DAY_MINUTES + at.minutes
    updates = [
        Update("seen", at.rows, at.days, _NET),
        _chosen("places", at, lasting | ~at.clocked, _bit(place)),
    ]
    if active.any():
        updates += _online(at.rows[active], start[active], long[active])
    rested = at.clocked
    return [*updates, _rested(at.rows[rested], start[rested], long[rested], place[rested])]


def apply(days: DayArray, updates: Sequence[Update], *, oldest: int, newest: int) -> None:
    """Merge updates into `[student, ring day]` records; days outside the ring are left out."""
    ring = days.shape[1]
    flat = days.reshape(-1)
    raw = flat.view(np.uint8)
    for update in updates:
        if not len(update.rows):
            continue
        slot = SLOTS[update.slot]
        cells = update.rows.astype(np.int64) * ring + update.days % ring
        values: Array = np.asarray(update.values)
        inside = (update.days >= oldest) & (update.days <= newest)
        values = np.broadcast_to(values, cells.shape).astype(np.int64, copy=False)
        words = update.words
        if not inside.all():
            cells, values = cells[inside], values[inside]
            words = words if words is None else words[inside]
        stored = values.astype(np.dtype("<" + slot.dtype))  # modulo 2^n
        if words is None:
            target: Array = flat[slot.name]
        else:
            target, cells = raw, cells * DAY.itemsize + (OFFSETS[slot.name] + words)
        _MERGE[slot.merge].at(target, cells, stored)


_MERGE: dict[str, np.ufunc] = {"add": np.add, "max": np.maximum, "or": np.bitwise_or}


def _bit(index: Array) -> Array:
    return np.left_shift(np.uint64(1), index.astype(np.uint64)).view(np.int64)


def _chosen(slot: str, at: Moments, chosen: Bools, values: Array | int) -> Update:
    picked = values if isinstance(values, int) else values[chosen]
    return Update(slot, at.rows[chosen], at.days[chosen], picked)


def _bitmap(slot: str, at: Moments, minutes_a_bin: int) -> list[Update]:
    bins = at.minutes // minutes_a_bin
    return [Update(slot, at.rows, at.days, np.left_shift(1, bins & 7, dtype=np.int64), bins >> 3)]


def _activity(at: Moments) -> list[Update]:
    return _bitmap("activity", at.where(at.clocked), 5)


def _segments(rows: Array, first: Array, last: Array, unit: int) -> tuple[Array, ...]:
    """Cut ranges `first..last` (inclusive) at multiples of `unit`: source, block, low, high."""
    blocks = last // unit - first // unit + 1
    source = np.repeat(np.arange(len(rows)), blocks)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    block = first[source] // unit + offset
    low = np.maximum(first[source] - block * unit, 0)
    high = np.minimum(last[source] - block * unit, unit - 1)
    return source, block, low, high


def _online(rows: Array, start: Array, long: Array) -> list[Update]:
    """Activity bytes, night bins and minutes of active sessions."""
    first, last = start // 5, np.maximum(start + long - 1, start) // 5
    source, block, low, high = _segments(rows, first, last, 8)
    octet = (0xFF << low) & (0xFF >> (7 - high)) & 0xFF
    updates = [Update("activity", rows[source], block // 36, octet, block % 36)]
    source, day, low, high = _segments(rows, first, last, DAY_MINUTES // 5)
    evening = _mask(np.maximum(low - 240, 0), high - 240, 0)  # 00:00-04:00 are bins 240..287
    morning = _mask(low, np.minimum(high, 11), 48)  # 04:00-05:00 are bins 0..11
    updates.append(Update("net_night", rows[source], day, evening | morning))
    spent = long > 0
    rows, start, long = rows[spent], start[spent], long[spent]
    source, day, low, high = _segments(rows, start, start + long - 1, DAY_MINUTES)
    updates.append(Update("net_minutes", rows[source], day, high - low + 1))
    return updates


def _mask(low: Array, high: Array, shift: int) -> Array:
    """Return bits low..high, moved up by `shift`; none where high < low."""
    upper = np.left_shift(np.int64(1), np.maximum(high + 1, 0))
    lower = np.left_shift(np.int64(1), np.minimum(low, 62))
    return np.where(high >= low, upper - lower, 0) << shift


def _rested(rows: Array, start: Array, long: Array, place: Array) -> Update:
    """Places of sessions that touch 20:00-08:00, on the campus days of those hours."""
    last = start + np.maximum(long - 1, 0)
    source, day, low, high = _segments(rows, start, last, DAY_MINUTES)
    night = (high >= REST_FROM) | (low < REST_TO)
    source, day = source[night], day[night]
    return Update("night_places", rows[source], day, _bit(place[source] & 31))
