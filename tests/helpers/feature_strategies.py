"""Hypothesis strategies of campus events of all types that touch the state."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from tests.helpers.feature_log import an_event, at

from shared.contracts import event as e

STUDENTS = ("p1:a", "p1:b", "p1:c")
Draw = st.DrawFn
_codes = st.sampled_from(["B1", "B2", "宿舍3"])
_minutes = st.integers(0, 1439)
_merchants: st.SearchStrategy[Any] = st.sampled_from(["meal", "shop", "shower", "water"])
_amounts = st.sampled_from([0.01, 3.3, 12.5, 99.99])
_gates: st.SearchStrategy[Any] = st.sampled_from(["dorm", "library", "lab"])
_ways: st.SearchStrategy[Any] = st.sampled_from(["in", "out"])
_loans: st.SearchStrategy[Any] = st.sampled_from(["loan", "renewal", "return", "overdue"])
_contacts: st.SearchStrategy[Any] = st.sampled_from(["meeting", "reply"])
_octets = st.integers(0, 10**8)


def _attendance(draw: Draw) -> e.Attendance:
    status: Any = draw(st.sampled_from(["attended", "missed"]))
    kind: Any = draw(st.sampled_from(["class", "lab", "group_meeting"]))
    return e.Attendance(kind=kind, status=status, group="g", minutes=draw(st.integers(0, 600)))


def _learning(draw: Draw, later: str) -> e.LearningActivity:
    verb: Any = draw(st.sampled_from(["viewed", "submitted"]))
    deadline = draw(st.sampled_from([None, later]))
    return e.LearningActivity(verb=verb, course="c", deadline=deadline)


def _session(draw: Draw, later: str) -> e.NetworkSession:
    leisure = draw(st.sampled_from([0.0, 12.5, 900.0]))
    return e.NetworkSession(
        later, draw(_codes), bytes_down=draw(_octets), entertainment_minutes=leisure
    )


def _flows(draw: Draw) -> e.FlowSummary:
    return e.FlowSummary(durations=draw(st.lists(st.integers(0, 99), min_size=16, max_size=16)))


def _grade(draw: Draw) -> e.GradePosted:
    points = draw(st.sampled_from([1.0, 3.5, None]))
    return e.GradePosted(term="t", status="failed", credits=3, points=points)


_BUILDERS: dict[str, tuple[type[Any], Callable[[Draw, str, str], Any]]] = {
    "card": (e.CardSwiped, lambda d, _t, _l: e.CardSwipe(d(_merchants), d(_amounts))),
    "gate": (e.GatePassed, lambda d, _t, _l: e.GatePass(d(_gates), d(_codes), d(_ways))),
    "net": (e.NetworkUsed, lambda d, _t, later: _session(d, later)),
    "flows": (e.FlowsSummarised, lambda d, _t, _l: _flows(d)),
    "loans": (e.LibraryLoaned, lambda d, _t, _l: e.LibraryLoan(action=d(_loans))),
    "lms": (e.LearningActed, lambda d, _t, later: _learning(d, later)),
    "advisor": (e.AdvisorContacted, lambda d, _t, _l: e.AdvisorContact(kind=d(_contacts))),
    "papers": (e.LiteratureProgressed, lambda _d, _t, _l: e.LiteratureProgress("t", "read")),
    "class": (e.AttendanceRecorded, lambda d, _t, _l: _attendance(d)),
    "grades": (e.GradePostedEvent, lambda d, _t, _l: _grade(d)),
    "steps": (e.MilestoneSet, lambda _d, t, _l: e.Milestone(kind="proposal", due=t[:10])),
    "reports": (
        e.ReportFiled,
        lambda _d, _t, _l: e.PersonReport(urgency="soon", reporter="peer", concern="mood"),
    ),
}


@st.composite
def an_event_of(draw: Draw, number: int, days: int) -> bytes:
    """Draw one event of any type within so many days of the first morning."""
    day, minute = draw(st.integers(0, days)), draw(_minutes)
    time, later = at(day, minute), at(day, minute + draw(st.integers(0, 1500)))
    feed = draw(st.sampled_from(sorted(_BUILDERS)))
    kind, build = _BUILDERS[feed]
    return an_event(
        kind,
        build(draw, time, later),
        id=f"n{number}",
        student=draw(st.sampled_from(STUDENTS)),
        time=time,
        feed=feed,
        timeprecision=draw(st.sampled_from(["second", "second", "day"])),
    )


@st.composite
def some_events(draw: Draw, *, days: int, most: int = 25) -> list[bytes]:
    """Draw distinct events in any order of time."""
    count = draw(st.integers(1, most))
    return [draw(an_event_of(number, days)) for number in range(count)]
