"""Hypothesis strategies of campus events of all types that touch the state."""

from typing import Any

from hypothesis import strategies as st

from shared.contracts import event as e
from tests.helpers.feature_log import an_event, at

STUDENTS = ("p1:a", "p1:b", "p1:c")
_codes = st.sampled_from(["B1", "B2", "宿舍3"])
_minutes = st.integers(0, 1439)


@st.composite
def _payload(draw: st.DrawFn, time: str, later: str) -> tuple[type[Any], Any, str]:
    kind = draw(st.sampled_from(["card", "gate", "net", "loan", "learn", "attend", "grade", "step"]))
    if kind == "card":
        merchant = draw(st.sampled_from(["meal", "shop", "shower", "water"]))
        amount = draw(st.sampled_from([0.01, 3.3, 12.5, 99.99]))
        return e.CardSwiped, e.CardSwipe(merchant=merchant, amount=amount), "card"
    if kind == "gate":
        gate, way = draw(st.sampled_from(["dorm", "library", "lab"])), draw(st.booleans())
        data = e.GatePass(gate=gate, place=draw(_codes), direction="in" if way else "out")
        return e.GatePassed, data, "gate"
    if kind == "net":
        data = e.NetworkSession(end=later, building=draw(_codes), bytes_down=draw(st.integers(0, 10**8)))
        return e.NetworkUsed, data, "net"
    if kind == "loan":
        return e.LibraryLoaned, e.LibraryLoan(action="loan"), "loans"
    if kind == "learn":
        return e.LearningActed, e.LearningActivity(verb="viewed", course="c"), "lms"
    if kind == "attend":
        status = draw(st.sampled_from(["attended", "missed"]))
        return e.AttendanceRecorded, e.Attendance(kind="class", status=status, group="g"), "lms"
    if kind == "grade":
        data = e.GradePosted(term="t", status="failed", credits=3, points=draw(st.sampled_from([1.0, 3.5])))
        return e.GradePostedEvent, data, "grades"
    return e.MilestoneSet, e.Milestone(kind="proposal", due=time[:10]), "grades"


@st.composite
def an_event_of(draw: st.DrawFn, number: int, days: int) -> bytes:
    """One event of any type within so many days of the first morning."""
    day, minute = draw(st.integers(0, days)), draw(_minutes)
    time = at(day, minute)
    later = at(day, minute + draw(st.integers(0, 1500)))
    kind, data, feed = draw(_payload(time, later))
    precision = draw(st.sampled_from(["second", "second", "day"]))
    return an_event(
        kind, data, id=f"n{number}", student=draw(st.sampled_from(STUDENTS)), time=time, feed=feed,
        timeprecision=precision,
    )  # fmt: skip


@st.composite
def some_events(draw: st.DrawFn, *, days: int, most: int = 25) -> list[bytes]:
    """Distinct events in any order of time."""
    count = draw(st.integers(1, most))
    return [draw(an_event_of(number, days)) for number in range(count)]
