"""The day slots: what is kept of one student's campus day (04:00 to 04:00 local time).

Every slot is a commutative and associative aggregate of integers whose identity is zero, so any
order, batching or restart of the same set of events ends in the same bits, and an empty day is
zero bytes. Sums are modular, as numpy's integers are: addition modulo 2^n is order-independent,
saturating would not be worth its cost, and no honest day comes near an overflow. `or` and `max`
are idempotent; `add` is not, so duplicates must be dropped before they are folded.

State is an array of `DAY` records `[student, ring day]` (one record is 112 bytes, so a day's
updates touch two cache lines and a student's checkpoint is one `tobytes()`), with the ring position
`day_number % ring_days`; and one `LIFE` record a student for what is rarer than a ring of 120 days
can hold: terms, milestones, the last meeting with the advisor. Bitmaps begin at multiples of eight
bytes, so that evaluation reads them as 64-bit words.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shared.contracts.event import EVENT_TYPES

RING_DAYS = 120
DAY_MINUTES = 1440
LAYOUT_VERSION = 2
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
    Slot("activity", "u1", 36, "or", "活动位图", "any presence, 288 bins of 5 min, LSB first"),
    Slot("dorm_places", "u4", 1, "or", "宿舍楼", "hashed buildings whose dorm gate was passed"),
    Slot("meal_bins", "u1", 18, "or", "用餐位图", "meal purchases, 144 bins of 10 min, LSB first"),
    Slot("dorm_last_in", "u2", 1, "max", "最后归寝", "1 + minute of the last dorm entry"),
    Slot("night_places", "u4", 1, "or", "夜间联网地点", "hashed buildings online 20:00-08:00"),
    Slot("net_night", "u4", 1, "or", "深夜在线", "online in 10-min bins of 00:00-05:00 (30 bits)"),
    Slot("seen", "u2", 1, "or", "事件类型", "a bit an event type seen, then the clockless marks"),
    Slot("spend", "u2", 3, "add", "消费金额", "card amounts in 0.1 yuan: meals, shop, all else"),
    Slot(
        "library_stay", "u2", 1, "add", "馆内分钟", "exit minutes less entry minutes, modulo 2^16"
    ),
    Slot("dorm_home", "u2", 1, "add", "宿舍分钟", "exits less entries in 08-20 min, modulo 2^16"),
    Slot("net_minutes", "u2", 1, "add", "在线分钟", "session minutes, devices added up"),
    Slot("leisure_minutes", "u2", 1, "add", "娱乐分钟", "of these, games, streaming and the like"),
    Slot("learning_bins", "u2", 1, "add", "学习时刻和", "sum of the ten-minute bins of activities"),
    Slot(
        "lead_quarters",
        "u2",
        1,
        "add",
        "提前量和",
        "sum of lead times in 15 min, each at most 72 h",
    ),
    Slot("library_bins", "u1", 3, "or", "入馆位图", "library entries, 24 hours, LSB first"),
    Slot("purchases", "u1", 1, "add", "餐饮购物次数", "meal and shop purchases with a clock"),
    Slot("night_purchases", "u1", 1, "add", "夜间消费次数", "of these, 22:00-06:00"),
    Slot("library_in", "u1", 1, "add", "入馆次数", "library entries"),
    Slot("library_out", "u1", 1, "add", "出馆次数", "library exits with a clock"),
    Slot("card_kinds", "u1", 1, "or", "消费类别", "a bit a merchant class (MERCHANTS)"),
    Slot(
        "marks", "u1", 1, "or", "当日标记", "dorm entry, exit; overdue; meeting held, missed; lab"
    ),
    Slot(
        "dorm_balance", "u1", 1, "add", "进出差", "dorm entries less exits with a clock, modulo 256"
    ),
    Slot("learning", "u1", 1, "add", "学习平台次数", "learning activities with a clock"),
    Slot("leads", "u1", 1, "add", "限期任务次数", "submissions that had a deadline"),
    Slot("attendance", "u1", 1, "add", "考勤", "attended in the low four bits, missed in the high"),
    Slot("loans", "u1", 1, "add", "借阅次数", "loans and renewals"),
    Slot("flow_entropy", "u1", 1, "max", "流时长熵", "1 + 254 x entropy of flow durations / ln 16"),
    Slot("lab", "u1", 1, "add", "实验室时长", "laboratory sign-ins in ten minutes"),
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
DORM_IN, DORM_OUT, OVERDUE, MEETING_HELD, MEETING_MISSED, LAB_NIGHT = (1 << bit for bit in range(6))
"""Bits of the slot `marks`."""
SPEND_MEAL, SPEND_SHOP, SPEND_OTHER = range(3)
ATTENDED, MISSED = 1, 16
"""What one scheduled meeting adds to the slot `attendance`."""

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
        ("advisor", "<u2"),  # latest day of a meeting with the advisor, merged by max
        ("literature", "<u2"),  # latest day on which a literature task moved, merged by max
        ("reserved", "<u2", (2,)),  # keeps records aligned to eight bytes
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
