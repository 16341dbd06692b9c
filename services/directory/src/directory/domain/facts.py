"""From assignments, calendar and leave to the facts that other services may know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from msgspec.structs import replace

from directory.domain.org import NO_PLACE, Place, Tree
from directory.domain.person import Assignment, Degree
from shared.contracts.student import Mask, MaskKind, StudentFacts

LeaveKind = Literal["holiday", "leave", "internship", "exempt"]
CalendarKind = Literal["holiday", "exam"]


@dataclass(frozen=True)
class Leave:
    """Days on which one student is excused; withdrawn leave masks nothing."""

    id: str
    student: str
    kind: LeaveKind
    start: str
    end: str
    is_withdrawn: bool = False


@dataclass(frozen=True, order=True)
class CalendarEntry:
    """Days of a school or college that are a holiday or an exam period."""

    node: str
    kind: CalendarKind
    start: str
    end: str


@dataclass(frozen=True)
class Student:
    """What the directory keeps of a student; `published` is what others were last told."""

    pseudonym: str
    person: str
    degree: Degree
    intake: int
    is_current: bool
    published: StudentFacts | None = None


def place_of(assignments: Iterable[Assignment], tree: Tree, day: str) -> Place:
    """Return where a student belongs on a day: the primary team, else a team, else a college.

    Ties go to the later start and then to the smaller node id, so that the answer is stable.
    """
    valid = [a for a in assignments if a.role == "student" and a.is_valid(day)]
    valid = [a for a in valid if (node := tree.get(a.node)) and node.is_active]
    if not valid:
        return NO_PLACE
    ranked = sorted(valid, key=lambda a: a.node)
    ranked.sort(key=lambda a: a.valid_from, reverse=True)
    ranked.sort(key=lambda a: (not tree.place(a.node).team, not a.is_primary))
    return tree.place(ranked[0].node)


def masks_of(
    place: Place, calendar: Iterable[CalendarEntry], leaves: Iterable[Leave]
) -> list[Mask]:
    """Join the calendar of a place with a student's own leave: sorted, overlaps merged by kind."""
    spans: dict[MaskKind, list[tuple[date, date]]] = {}
    nodes = {place.school, place.college} - {""}
    of_place = (e for e in calendar if e.node in nodes)
    own = (leave for leave in leaves if not leave.is_withdrawn)
    days: list[CalendarEntry | Leave] = [*of_place, *own]
    for item in days:
        span = (date.fromisoformat(item.start), date.fromisoformat(item.end))
        spans.setdefault(item.kind, []).append(span)
    masks = [
        Mask(kind, start.isoformat(), end.isoformat())
        for kind, found in spans.items()
        for start, end in _merged(found)
    ]
    return sorted(masks, key=lambda mask: (mask.start, mask.end, mask.kind))


def _merged(spans: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def next_facts(student: Student, place: Place, masks: list[Mask], now: str) -> StudentFacts | None:
    """Return what others have to be told, or None when they know it already.

    A student who was never placed is not told of.
    A student without a place, or who left, keeps the last place and is no longer enrolled.
    """
    known = student.published
    if known is None and (place == NO_PLACE or not student.is_current):
        return None
    if place == NO_PLACE and known is not None:
        here = Place(known.school, known.college, known.team)
    else:
        here = place
    facts = StudentFacts(
        student=student.pseudonym,
        school=here.school,
        college=here.college,
        team=here.team,
        enrolled=student.is_current and place != NO_PLACE,
        degree=student.degree,
        intake=student.intake,
        masks=masks,
        updated_at=now,
        version=1 if known is None else known.version + 1,
    )
    if known and replace(facts, updated_at=known.updated_at, version=known.version) == known:
        return None
    return facts
