"""From columns of decoded events to slot updates, and from updates to state.

Input of every function is `Moments` (n events of one type) and that type's fields as arrays of
length n, in any order; output is a list of `Update`. `apply` merges updates into a `DAY` array
`[student, ring day]`; since every merge is commutative and associative, so is the fold. Events that
were refused or that are no presence give no update. The caller drops duplicates, and events whose
own campus day is outside the ring; a network session that reaches outside is clipped by `apply`.

Columns: `merchant` indexes `slots.MERCHANTS`, `gate` indexes `GATES`, `place` is `place_index` of
the building code (0..63), `kind` of attendance indexes `ATTENDANCE_KINDS`.
Day numbers count campus days since 1970-01-01, minutes count from 04:00 local time.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.features.slots import (
    ATTENDED,
    CLOCKLESS_GATE,
    CLOCKLESS_MEAL,
    DAY,
    DAY_MINUTES,
    DORM_IN,
    DORM_OUT,
    LAB_NIGHT,
    MEETING_HELD,
    MEETING_MISSED,
    MERCHANTS,
    MISSED,
    OFFSETS,
    OVERDUE,
    SLOTS,
    SPEND_MEAL,
    SPEND_OTHER,
    SPEND_SHOP,
    TYPE_BIT,
    DayArray,
    Slot,
)

FOLD_VERSION = 2
"""Part of the catalogue's hash: raise it with any change of what an event does to a slot."""
GATES = ("dorm", "library", "teaching", "lab", "campus")
MEAL, SHOP = MERCHANTS.index("meal"), MERCHANTS.index("shop")
DORM, LIBRARY = GATES.index("dorm"), GATES.index("library")
NIGHT_FROM, NIGHT_TO = 18 * 60, 2 * 60  # 22:00 and 06:00 as minutes of the campus day
REST_FROM, REST_TO = 16 * 60, 4 * 60  # 20:00 and 08:00
BYTES_FLOOR_A_MINUTE = 10_000  # below, a session is background keep-alive: no activity by hour
PLACE_MINUTES = 10  # a session shorter than this is passing by, not a visit
LONGEST_SESSION = 2 * DAY_MINUTES
HOME_FROM, HOME_MINUTES = 4 * 60, 12 * 60  # 08:00-20:00, the hours in which staying in is told
JIAO_A_YUAN = 10.0
QUARTERS_AN_HOUR = 4.0
LONGEST_LEAD_H = 72.0  # a task handed in earlier says no more
ATTENDANCE_KINDS = ("class", "lab", "group_meeting")
_LAB, _MEETING = (ATTENDANCE_KINDS.index(kind) for kind in ("lab", "group_meeting"))
FLOW_BINS, FLOW_LEVELS = 16, 254
_FLOWS = TYPE_BIT["lantern.network.flows.v1"]
_SPENT = np.array([SPEND_OTHER] * len(MERCHANTS))
_SPENT[[MEAL, SHOP]] = SPEND_MEAL, SPEND_SHOP
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
    """Purchases; `amount` in yuan is kept in tenths, apart for meals, the shop and all else."""
    food = ((merchant == MEAL) | (merchant == SHOP)) & at.clocked
    night = food & ((at.minutes >= NIGHT_FROM) | (at.minutes < NIGHT_TO))
    meal = merchant == MEAL
    clockless = np.where(meal & ~at.clocked, _CARD | CLOCKLESS_MEAL, _CARD)
    kinds = np.left_shift(1, merchant, dtype=np.int64)
    return [
        Update("seen", at.rows, at.days, clockless),
        Update("spend", at.rows, at.days, np.rint(amount * JIAO_A_YUAN), _SPENT[merchant]),
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
    home, timed = dorm & inward & at.clocked, dorm & at.clocked
    sign = np.where(inward, -1, 1)
    clock = at.minutes.astype(np.int64)
    daytime = np.clip(clock - HOME_FROM, 0, HOME_MINUTES)
    return [
        Update("seen", at.rows, at.days, np.where(at.clocked, _GATE, _GATE | CLOCKLESS_GATE)),
        Update("places", at.rows, at.days, _bit(place)),
        _chosen("marks", at, dorm, np.where(inward, DORM_IN, DORM_OUT)),
        _chosen("dorm_places", at, dorm, _bit(place & 31)),
        _chosen("dorm_last_in", at, home, clock + 1),
        _chosen("dorm_home", at, timed, sign * daytime),
        _chosen("dorm_balance", at, timed, -sign),
        _chosen("library_in", at, library & inward, 1),
        _chosen("library_out", at, leave, 1),
        _chosen("library_stay", at, entry | leave, sign * clock),
        *_bitmap("library_bins", at.where(entry), 60),
        *_activity(at),
    ]


def loan(at: Moments, *, in_person: Bools, overdue: Bools) -> list[Update]:
    """Loans and renewals (`in_person`); an overdue notice marks the day and is no presence."""
    there, late = at.where(in_person), at.where(overdue)
    return [
        Update("seen", there.rows, there.days, _LOAN),
        Update("loans", there.rows, there.days, 1),
        Update("marks", late.rows, late.days, OVERDUE),
        *_activity(there),
    ]


def learning(at: Moments, lead_hours: Array) -> list[Update]:
    """Activities on the learning platform; `lead_hours` before a deadline, NaN without one."""
    timed, due = at.where(at.clocked), ~np.isnan(lead_hours) & at.clocked
    lead = np.rint(np.clip(lead_hours[due], 0.0, LONGEST_LEAD_H) * QUARTERS_AN_HOUR)
    return [
        Update("seen", at.rows, at.days, _LEARN),
        Update("learning", timed.rows, timed.days, 1),
        Update("learning_bins", timed.rows, timed.days, timed.minutes.astype(np.int64) // 10),
        _chosen("leads", at, due, 1),
        Update("lead_quarters", at.rows[due], at.days[due], lead),
        *_activity(at),
    ]


def attendance(at: Moments, kind: Array, minutes: Array, *, attended: Bools) -> list[Update]:
    """Scheduled meetings and laboratory sign-ins: attending is presence, missing is not."""
    there, meeting, lab = at.where(attended), kind == _MEETING, attended & (kind == _LAB)
    ends = at.minutes + np.where(at.clocked, minutes, 0.0)
    night = lab & at.clocked & ((ends > NIGHT_FROM) | (at.minutes < NIGHT_TO))
    return [
        Update("seen", there.rows, there.days, _ATTEND),
        Update("attendance", at.rows, at.days, np.where(attended, ATTENDED, MISSED)),
        _chosen("marks", at, meeting, np.where(attended, MEETING_HELD, MEETING_MISSED)),
        _chosen("marks", at, night, LAB_NIGHT),
        _chosen("lab", at, lab, np.rint(np.clip(minutes, 0.0, DAY_MINUTES) / 10.0)),
        *_activity(there),
    ]


def flows(at: Moments, durations: Array) -> list[Update]:
    """Summaries of a day's flows: the entropy of their durations `[n, 16]`."""
    total = durations.sum(axis=1)
    some = at.where(total > 0)
    entropy = entropy_of(durations[total > 0]) / math.log(FLOW_BINS)
    return [
        Update("seen", at.rows, at.days, _FLOWS),
        Update("flow_entropy", some.rows, some.days, 1 + np.rint(entropy * FLOW_LEVELS)),
    ]


def entropy_of(amounts: Array) -> Array:
    """Return H in nats over the last axis of whole amounts, of shares in thousandths."""
    total = np.maximum(amounts.sum(axis=-1, keepdims=True), 1)
    entropy: Array = _P_LN_P[(amounts * 1000 + total // 2) // total].sum(axis=-1)
    return entropy


_P_LN_P = np.array([0.0] + [-p / 1000 * math.log(p / 1000) for p in range(1, 1001)])


def presence(at: Moments, event_type: str) -> list[Update]:
    """Other types that show only that the student was there (contacts, literature)."""
    return [Update("seen", at.rows, at.days, TYPE_BIT[event_type]), *_activity(at)]


def network(
    at: Moments, minutes_long: Array, place: Array, octets: Array, *, leisure: Array
) -> list[Update]:
    """Sessions from the moment on; minutes fall on the days and bins that they cover.

    A session under the floor of bytes shows presence but no activity by hour; one that reports no
    bytes at all is taken as active, since such feeds report none ever. Minutes of `leisure` count
    for the day on which the session began, and are never more than the session's own.
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
        played = np.rint(np.minimum(leisure, long))
        updates.append(_chosen("leisure_minutes", at, active, played))
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
            target, cells = raw.view("<" + slot.dtype), word_cells(slot, cells, words)
        _MERGE[slot.merge].at(target, cells, stored)


def word_cells(slot: Slot, cells: Array, words: Array) -> Array:
    """Return where the words of a wide slot are in all memory, counted in the slot's integers."""
    size = np.dtype(slot.dtype).itemsize
    places: Array = cells * (DAY.itemsize // size) + (OFFSETS[slot.name] // size + words)
    return places


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
    first, last = first // 2, last // 2
    source, day, low, high = _segments(rows, first, last, DAY_MINUTES // 10)
    evening = _mask(np.maximum(low - 120, 0), high - 120, 0)  # 00:00-04:00 are bins 120..143
    morning = _mask(low, np.minimum(high, 5), 24)  # 04:00-05:00 are bins 0..5
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
