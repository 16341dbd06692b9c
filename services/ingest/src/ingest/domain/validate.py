"""Rules across the fields of an event, which its type cannot say; each breach names its place.

`check` also brings the event's times to the wire's one form, since it has to read them anyway.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ingest.domain.results import Fault
from ingest.domain.times import EARLIEST, LATEST, TimeWindow, normalise
from shared.contracts import event as e
from shared.kernel.trace import valid

MAX_SESSION = timedelta(hours=48)
SCALES: dict[str, tuple[int, int, int]] = {  # items, lowest, highest answer before `base`
    "phq9": (9, 0, 3),
    "gad7": (7, 0, 3),
    "upi": (64, 0, 1),
    "sds": (20, 1, 4),
    "scl90": (90, 0, 4),
}
_SUBJECT_MAX = 64


def check(event: e.EventBase, window: TimeWindow) -> Fault | None:
    """Return the first rule that the event breaks, or None; its times are normalised in place."""
    subject = event.subject
    if not (
        event.id.isprintable()
        and event.source.isprintable()
        and subject.isprintable()
        and len(subject) <= _SUBJECT_MAX
        and subject.strip()
    ):
        return _bad_attribute(event)
    time = normalise(event.time)
    if time is None:
        return Fault("bad_time", "not an RFC 3339 time with an offset", "$.time")
    if time > window.latest:
        return Fault("time_in_future", f"later than {window.latest}", "$.time")
    if time < window.earliest:
        return Fault("time_too_old", f"earlier than {window.earliest}", "$.time")
    event.time = time
    if event.traceparent is not None:
        event.traceparent = valid(event.traceparent)  # W3C: what is malformed is dropped, no error
    rule = _RULES.get(type(event))
    return rule(event.data, time) if rule else None  # type: ignore[attr-defined]


def _bad_attribute(event: e.EventBase) -> Fault:
    for name in ("id", "source"):
        if not getattr(event, name).isprintable():
            return _unprintable(f"$.{name}")
    return Fault(
        "bad_subject", f"a student number has 1 to {_SUBJECT_MAX} printable characters", "$.subject"
    )


def _unprintable(field: str) -> Fault:
    return Fault("control_character", "holds a character that cannot be printed", field)


def _printable(*names: str) -> Callable[[Any, str], Fault | None]:
    """Make the rule that text fields hold no control characters."""

    def rule(data: Any, _time: str) -> Fault | None:  # noqa: ANN401 - any event's data
        for name in names:
            value = getattr(data, name)
            if value is not None and not value.isprintable():
                return _unprintable(f"$.data.{name}")
        return None

    return rule


def _session(data: e.NetworkSession, time: str) -> Fault | None:
    if not data.building.isprintable():
        return _unprintable("$.data.building")
    end = _believed(data.end)
    if end is None:
        return Fault("bad_time", "not an RFC 3339 time of this era", "$.data.end")
    if end < time:
        return Fault("ends_before_start", "the session ends before its time", "$.data.end")
    if datetime.fromisoformat(end) - datetime.fromisoformat(time) > MAX_SESSION:
        return Fault("session_too_long", "a session has at most 48 hours", "$.data.end")
    data.end = end
    return None


def _learning(data: e.LearningActivity, _time: str) -> Fault | None:
    if not data.course.isprintable():
        return _unprintable("$.data.course")
    if data.deadline is None:
        return None
    deadline = _believed(data.deadline)
    if deadline is None:
        return Fault("bad_time", "not an RFC 3339 time of this era", "$.data.deadline")
    data.deadline = deadline
    return None


def _believed(text: str) -> str | None:
    """Normalise a time inside data, None where it is none or lies before this era."""
    time = normalise(text)
    return time if time is not None and EARLIEST <= time <= LATEST else None


def _milestone(data: e.Milestone, _time: str) -> Fault | None:
    for name, text in (("due", data.due), ("done", data.done)):
        if text is not None and not _is_date(text):
            return Fault("bad_date", "not a date of the calendar from 2000 on", f"$.data.{name}")
    return None


def _is_date(text: str) -> bool:
    try:
        return text.isascii() and date.fromisoformat(text) >= date(2000, 1, 1)
    except ValueError:
        return False


def _screening(data: e.Screening, _time: str) -> Fault | None:
    """Check length and range of a scale's answers; `base` 1 shifts a scale that starts at 0."""
    count, lowest, highest = SCALES[data.scale]
    shift = data.base if data.scale == "scl90" else 0
    if len(data.items) != count:
        return Fault("scale_length", f"{data.scale} has {count} items", "$.data.items")
    for place, answer in enumerate(data.items):
        if not lowest + shift <= answer <= highest + shift:
            return Fault(
                "scale_range",
                f"{data.scale} is answered {lowest + shift} to {highest + shift}",
                f"$.data.items[{place}]",
            )
    return None


_RULES: dict[type[e.EventBase], Callable[[Any, str], Fault | None]] = {
    e.CardSwiped: _printable("device"),
    e.GatePassed: _printable("place"),
    e.NetworkUsed: _session,
    e.GradePostedEvent: _printable("term"),
    e.MilestoneSet: _milestone,
    e.LearningActed: _learning,
    e.AttendanceRecorded: _printable("group"),
    e.LiteratureProgressed: _printable("task", "stage"),
    e.ScreeningSubmitted: _screening,
}
