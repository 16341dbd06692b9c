"""From decoded events of one type to arrays, and from arrays to slot updates.

`fields` reads every value that a type's indicators need, in one pass; it is the only step whose
outcome depends on what a single event holds, so it is where a poisonous one is found. What comes
after is arithmetic on arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.domain.campus_clock import to_seconds
from shared.contracts import event as e
from shared.features import fold, life
from shared.features.slots import DAY_MINUTES, MERCHANTS, MILESTONES, DayArray

Array = NDArray[Any]
Ints = NDArray[np.int64]
Fields = tuple[Array, ...]
Events = Sequence[Any]
_PLACES_KEPT = 50_000


class _Places(dict[str, int]):
    """Building codes to their bit, remembered."""

    def __missing__(self, code: str) -> int:
        if len(self) >= _PLACES_KEPT:
            self.clear()
        index = self[code] = fold.place_index(code)
        return index


_places = _Places()
_MERCHANT = {name: index for index, name in enumerate(MERCHANTS)}
_GATE = {name: index for index, name in enumerate(fold.GATES)}
_STATUS = {name: index for index, name in enumerate(life.GRADE_STATUS)}
_MILESTONE = {name: index for index, name in enumerate(MILESTONES)}
_KIND = {name: index for index, name in enumerate(fold.ATTENDANCE_KINDS)}
_HANDED_IN = frozenset({"submitted", "completed"})


def _ints(values: Events) -> Ints:
    return np.array(values, np.int64)


def _dates(texts: Sequence[str]) -> Ints:
    return np.array(texts, "M8[D]").astype(np.int64)


def _card(events: Events) -> Fields:
    data = [event.data for event in events]
    return _ints([_MERCHANT[d.merchant] for d in data]), np.array([d.amount for d in data])


def _gate(events: Events) -> Fields:
    data = [event.data for event in events]
    return (
        _ints([_GATE[d.gate] for d in data]),
        _ints([_places[d.place] for d in data]),
        np.array([d.direction == "in" for d in data], np.bool_),
        np.array([d.granted for d in data], np.bool_),
    )


def _network(events: Events) -> Fields:
    data = [event.data for event in events]
    began, ended = to_seconds([event.time for event in events]), to_seconds([d.end for d in data])
    return (
        np.clip((ended - began) // 60, 0, fold.LONGEST_SESSION),
        _ints([_places[d.building] for d in data]),
        np.array([d.bytes_up + d.bytes_down for d in data], np.float64),
        np.array([d.entertainment_minutes for d in data], np.float64),
    )


def _flows(events: Events) -> Fields:
    return (
        np.array([event.data.durations for event in events], np.int64).reshape(len(events), -1),
    )


def _loan(events: Events) -> Fields:
    actions = [event.data.action for event in events]
    return (
        np.array([action in {"loan", "renewal"} for action in actions], np.bool_),
        np.array([action == "overdue" for action in actions], np.bool_),
    )


def _learning(events: Events) -> Fields:
    hours = np.full(len(events), np.nan)
    due = [n for n, event in enumerate(events) if event.data.deadline is not None]
    if due:
        handed_in = to_seconds([events[n].time for n in due])
        hours[due] = (to_seconds([events[n].data.deadline for n in due]) - handed_in) / 3600.0
        hours[[n for n in due if events[n].data.verb not in _HANDED_IN]] = np.nan
    return (hours,)


def _attendance(events: Events) -> Fields:
    data = [event.data for event in events]
    return (
        _ints([_KIND[d.kind] for d in data]),
        np.array([d.minutes for d in data], np.float64),
        np.array([d.status == "attended" for d in data], np.bool_),
    )


def _grade(events: Events) -> Fields:
    data = [event.data for event in events]
    return (
        _ints([_STATUS[d.status] for d in data]),
        np.array([d.credits for d in data], np.float64),
        np.array([d.points for d in data], np.float64),
        np.array([d.percentile for d in data], np.float64),
    )


def _milestone(events: Events) -> Fields:
    data = [event.data for event in events]
    return (
        _ints([_MILESTONE[d.kind] for d in data]),
        _dates([d.due for d in data]),
        np.array([_dates([d.done])[0] if d.done else 0 for d in data], np.int64),
    )


def _flag(read: Callable[[Any], bool]) -> Callable[[Events], Fields]:
    return lambda events: (np.array([read(event.data) for event in events], np.bool_),)


def _nothing(_events: Events) -> Fields:
    return ()


@dataclass(frozen=True)
class Kind:
    """How one event type is read and what it adds to the day slots.

    `ages` says when an event is too old: out of the `ring`, out of the half-years (`terms`) kept,
    `never`, or never for the `life` record while its day may still leave the ring.
    """

    fields: Callable[[Events], Fields]
    updates: Callable[[fold.Moments, Fields], list[fold.Update]] = lambda _at, _fields: []
    ages: str = "ring"


_KINDS: dict[type[Any], Kind] = {
    e.CardSwiped: Kind(_card, lambda at, f: fold.card(at, f[0], f[1])),
    e.GatePassed: Kind(_gate, lambda at, f: fold.gate(at, f[0], f[1], inward=f[2], granted=f[3])),
    e.LibraryLoaned: Kind(_loan, lambda at, f: fold.loan(at, in_person=f[0], overdue=f[1])),
    e.NetworkUsed: Kind(_network, lambda at, f: fold.network(at, f[0], f[1], f[2], leisure=f[3])),
    e.FlowsSummarised: Kind(_flows, lambda at, f: fold.flows(at, f[0])),
    e.GradePostedEvent: Kind(_grade, ages="terms"),
    e.MilestoneSet: Kind(_milestone, ages="never"),
    e.LearningActed: Kind(_learning, lambda at, f: fold.learning(at, f[0])),
    e.AttendanceRecorded: Kind(
        _attendance, lambda at, f: fold.attendance(at, f[0], f[1], attended=f[2])
    ),
    e.AdvisorContacted: Kind(
        _flag(lambda d: d.kind == "meeting"),
        lambda at, _f: fold.presence(at, "lantern.advisor.contacted.v1"),
        ages="life",
    ),
    e.LiteratureProgressed: Kind(
        _nothing,
        lambda at, _f: fold.presence(at, "lantern.literature.progressed.v1"),
        ages="life",
    ),
    e.ScreeningSubmitted: Kind(_nothing, ages="never"),
    e.ReportFiled: Kind(_nothing, ages="never"),
}
CLASSES = tuple(_KINDS)
KINDS = tuple(_KINDS.values())
CODES: dict[type[Any], int] = {kind: code for code, kind in enumerate(CLASSES)}
NETWORK, GRADE, MILESTONE = (
    CODES[kind] for kind in (e.NetworkUsed, e.GradePostedEvent, e.MilestoneSet)
)
ADVISOR, LITERATURE = CODES[e.AdvisorContacted], CODES[e.LiteratureProgressed]


def days_reached(days: Ints, minutes: Ints, long: Ints) -> Ints:
    """Return the last campus day that each session touches."""
    reached: Ints = days + np.maximum(minutes + long - 1, 0) // DAY_MINUTES
    return reached


def apply_to_life(code: int, records: DayArray, rows: Ints, *, days: Ints, fields: Fields) -> None:
    """Merge grades, milestones and last days into the life records."""
    if code == GRADE:
        life.apply_grades(
            records, rows, days, fields[0],
            credits_=fields[1], points=fields[2], percentile=fields[3],
        )  # fmt: skip
    elif code == MILESTONE:
        life.apply_milestones(records, rows, kind=fields[0], due=fields[1], done=fields[2])
    elif code == ADVISOR:
        life.apply_last_day(records, "advisor", rows[fields[0]], days[fields[0]])
    elif code == LITERATURE:
        life.apply_last_day(records, "literature", rows, days)
