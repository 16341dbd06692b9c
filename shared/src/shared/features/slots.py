"""The day slots: what is kept of one student's campus day (04:00 to 04:00 local time).

Every slot is a commutative and associative aggregate of integers whose identity is zero, so any
order, batching or restart of the same set of events ends in the same bits, and an empty day is
zero bytes. Sums are modular, as numpy's integers are: addition modulo 2^n is order-independent,
saturating would not be worth its cost, and no honest day comes near an overflow. `or` and `max`
are idempotent; `add` is not, so duplicates must be dropped before they are folded.

State is an array of `DAY` records `[student, ring day]` (one record is 112 bytes, so a day's
updates touch two cache lines and a student's checkpoint is one `tobytes()`), with the ring position
`day_number % ring_days`; and one `LIFE` record a student for what is rarer than a ring of 120 days
can hold: terms and milestones. No window of the catalogue is shortened by the ring.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shared.contracts.event import EVENT_TYPES

RING_DAYS = 120
DAY_MINUTES = 1440
LAYOUT_VERSION = 1
Merge = Literal["add", "max", "or"]


@dataclass(frozen=True)
class Slot:
    """One aggregate: `width` integers of `dtype`, merged by `merge`; zero is empty."""

    name: str
    dtype: str
    width: int
    merge: Merge
    zh: str
    en: str

    @property
    def size(self) -> int:
        """Bytes in a day record."""
        return np.dtype(self.dtype).itemsize * self.width


LAYOUT: tuple[Slot, ...] = (
    Slot("places", "u8", 1, "or", "到访地点", "hashed places: gates, sessions of 10 min or more"),
    Slot("net_night", "u8", 1, "or", "深夜在线", "online in 5-min bins of 00:00-05:00 (60 bits)"),
    Slot("spend_fen", "u4", 1, "add", "消费金额", "sum of card amounts in fen"),
    Slot("dorm_places", "u4", 1, "or", "宿舍楼", "hashed buildings whose dorm gate was passed"),
    Slot("night_places", "u4", 1, "or", "夜间联网地点", "hashed buildings online 20:00-08:00"),
    Slot("seen", "u2", 1, "or", "事件类型", "a bit an event type seen, then the clockless marks"),
    Slot("purchases", "u2", 1, "add", "餐饮购物次数", "meal and shop purchases with a clock"),
    Slot("night_purchases", "u2", 1, "add", "夜间消费次数", "of these, 22:00-06:00"),
    Slot("library_in", "u2", 1, "add", "入馆次数", "library entries"),
    Slot("library_out", "u2", 1, "add", "出馆次数", "library exits with a clock"),
    Slot("library_in_sum", "u2", 1, "add", "入馆时刻和", "sum of entry minutes, modulo 2^16"),
    Slot("library_out_sum", "u2", 1, "add", "出馆时刻和", "sum of exit minutes, modulo 2^16"),
    Slot("dorm_last_in", "u2", 1, "max", "最后归寝", "1 + minute of the last dorm entry"),
    Slot("net_minutes", "u2", 1, "add", "在线分钟", "session minutes, devices added up"),
    Slot("activity", "u1", 36, "or", "活动位图", "any presence, 288 bins of 5 min, LSB first"),
    Slot("meal_bins", "u1", 18, "or", "用餐位图", "meal purchases, 144 bins of 10 min, LSB first"),
    Slot("library_bins", "u1", 6, "or", "入馆位图", "library entries, 48 half hours, LSB first"),
    Slot("card_kinds", "u1", 1, "or", "消费类别", "a bit a merchant class (MERCHANTS)"),
    Slot("dorm", "u1", 1, "or", "宿舍进出", "bit 0 an entry, bit 1 an exit"),
    Slot("learning", "u1", 1, "add", "学习平台次数", "learning activities"),
    Slot("attended", "u1", 1, "add", "出勤次数", "scheduled meetings attended"),
    Slot("missed", "u1", 1, "add", "缺勤次数", "scheduled meetings missed"),
    Slot("loans", "u1", 1, "add", "借阅次数", "loans and renewals"),
)
SLOTS: dict[str, Slot] = {slot.name: slot for slot in LAYOUT}


def _format(slot: Slot) -> str:
    return f"({slot.width},)<{slot.dtype}" if slot.width > 1 else f"<{slot.dtype}"


DAY = np.dtype([(slot.name, _format(slot)) for slot in LAYOUT])
OFFSETS: dict[str, int] = {slot.name: DAY.fields[slot.name][1] for slot in LAYOUT if DAY.fields}

MERCHANTS = ("meal", "shop", "shower", "water", "transport", "printing", "library", "other")
TYPES: tuple[str, ...] = tuple(EVENT_TYPES)
"""Event types in the order of their `seen` bits."""
TYPE_BIT: dict[str, int] = {name: 1 << index for index, name in enumerate(TYPES)}
PRESENCE: tuple[str, ...] = (
    "lantern.card.swiped.v1",
    "lantern.gate.passed.v1",
    "lantern.library.loaned.v1",
    "lantern.network.used.v1",
    "lantern.network.flows.v1",
    "lantern.learning.acted.v1",
    "lantern.attendance.recorded.v1",
    "lantern.advisor.contacted.v1",
    "lantern.literature.progressed.v1",
)
"""Types that show the student to be there. Grades, screenings and reports do not."""
PRESENCE_BITS = sum(TYPE_BIT[name] for name in PRESENCE)
CLOCKLESS_MEAL = 1 << 13
CLOCKLESS_GATE = 1 << 14
DORM_IN, DORM_OUT = 1, 2

TERMS = 8
MILESTONES = ("plan", "proposal", "midterm", "predefence", "defence", "publication")
TERM = np.dtype(
    [
        ("tag", "<u2"),  # half-years since 1970 (see `fold.half_year`); 0 is empty
        ("ranks", "<u2"),  # ranks posted
        ("credits", "<u4"),  # hundredths of credits with grade points
        ("credit_points", "<u4"),  # hundredths of credits x hundredths of points
        ("failed", "<u4"),  # hundredths of credits failed or deferred
        ("rank_sum", "<u4"),  # ten-thousandths of percentiles
    ]
)
LIFE = np.dtype(
    [
        ("terms", TERM, (TERMS,)),  # bucket tag % TERMS; a newer tag replaces, an equal one adds
        ("due", "<u2", (len(MILESTONES),)),  # latest due day number of each kind, merged by max
        ("done", "<u2", (len(MILESTONES),)),  # latest day done, merged by max
    ]
)

DayArray = NDArray[np.void]


def empty_days(students: int, days: int = RING_DAYS) -> DayArray:
    """Return `[students, days]` empty day records."""
    return np.zeros((students, days), dtype=DAY)


def empty_life(students: int) -> DayArray:
    """Return `[students]` empty life records."""
    return np.zeros(students, dtype=LIFE)


def merge_days(into: DayArray, other: DayArray) -> None:
    """Merge day records of equal shape, slot by slot, into the first."""
    for slot in LAYOUT:
        target = into[slot.name]
        if slot.merge == "add":
            target += other[slot.name]
        elif slot.merge == "max":
            np.maximum(target, other[slot.name], out=target)
        else:
            target |= other[slot.name]


def layout_text() -> str:
    """Return the layout as one canonical text: what the catalogue's hash says of it."""
    days = ";".join(f"{s.name}:{s.dtype}x{s.width}:{s.merge}" for s in LAYOUT)
    return f"v{LAYOUT_VERSION}|{days}|{TERM.descr}|{TERMS}|{','.join(MILESTONES)}"
