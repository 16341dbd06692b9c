"""Rules across fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.ingest_kit import an_event, raw

from ingest.domain.decode import decode_event
from ingest.domain.results import Fault
from ingest.domain.times import TimeWindow
from ingest.domain.validate import SCALES, check
from shared.contracts.codec import encode
from shared.contracts.event import EventBase

WINDOW = TimeWindow(latest="2026-09-14T12:10:00Z")


def checked(event: dict[str, Any]) -> EventBase | Fault:
    decoded = decode_event(raw(event))
    assert isinstance(decoded, EventBase), decoded
    return check(decoded, WINDOW) or decoded


def fault(event: dict[str, Any]) -> tuple[str, str | None]:
    found = checked(event)
    assert isinstance(found, Fault), found
    return found.reason, found.field


def typed(name: str, **data: Any) -> dict[str, Any]:
    return an_event(type=f"lantern.{name}.v1", data=data)


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        (an_event(time="2026-09-14T12:10:01Z"), "time_in_future", "$.time"),
        (an_event(time="1999-12-31T23:59:59Z"), "time_too_old", "$.time"),
        (an_event(time="2026-09-14T04:00:00"), None, "$.time"),
        (an_event(time="2026-99-14T04:00:00Z"), "bad_time", "$.time"),
        (an_event("a\x00b"), "control_character", "$.id"),
        (an_event(source="s\x1fx"), "control_character", "$.source"),
        (an_event(subject="2023\u202e001"), "bad_subject", "$.subject"),
        (an_event(subject="   "), "bad_subject", "$.subject"),
        (an_event(subject="9" * 65), "bad_subject", "$.subject"),
        (an_event(data={"device": "pos\x00"}), "control_character", "$.data.device"),
        (
            typed("network.used", end="2026-09-14T03:59:59Z", building="b"),
            "ends_before_start",
            "$.data.end",
        ),
        (
            typed("network.used", end="2026-09-16T04:00:01Z", building="b"),
            "session_too_long",
            "$.data.end",
        ),
        (
            typed("network.used", end="yesterday at the latest", building="b"),
            "bad_time",
            "$.data.end",
        ),
        (typed("milestone.set", kind="plan", due="2026-02-30"), "bad_date", "$.data.due"),
        (
            typed("milestone.set", kind="plan", due="2026-02-03", done="1066-01-01"),
            "bad_date",
            "$.data.done",
        ),
        (
            typed("learning.acted", verb="viewed", course="c", deadline="2026-13-01T00:00:00Z"),
            "bad_time",
            "$.data.deadline",
        ),
        (typed("gate.passed", gate="dorm", place="\x07", direction="in"), None, "$.data.place"),
    ],
)
def test_a_breach_names_its_rule_and_place(
    event: dict[str, Any], reason: str | None, field: str
) -> None:
    """Each rule that is broken gives its own code and the place of the value."""
    if event["time"] == "2026-09-14T04:00:00":
        event["time"] += "Z" if reason else "+99:00"
    found = fault(event)
    assert found[1] == field
    assert reason is None or found[0] == reason


@given(
    st.sampled_from(sorted(SCALES)),
    st.sampled_from([0, 1]),
    st.lists(st.integers(0, 5), min_size=1, max_size=100),
)
def test_a_screening_is_accepted_exactly_when_it_has_its_scale_s_form(
    scale: str, base: int, items: list[int]
) -> None:
    """A scale takes its own number of answers in its own range, and nothing else."""
    count, lowest, highest = SCALES[scale]
    shift = base if scale == "scl90" else 0
    is_whole = len(items) == count
    is_within = all(lowest + shift <= answer <= highest + shift for answer in items)
    found = checked(typed("screening.submitted", scale=scale, items=items, base=base))
    assert isinstance(found, EventBase) == (is_whole and is_within)


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_whole_screenings_pass(scale: str) -> None:
    """The published form of every scale is accepted at both ends of its range."""
    count, lowest, highest = SCALES[scale]
    for answer in (lowest, highest):
        assert isinstance(
            checked(typed("screening.submitted", scale=scale, items=[answer] * count)), EventBase
        )


def test_times_inside_data_are_normalised() -> None:
    """The end of a session and a deadline leave in the wire's form."""
    session = checked(typed("network.used", end="2026-09-14T13:00:00.5+08:00", building="b"))
    task = checked(
        typed("learning.acted", verb="viewed", course="c", deadline="2027-01-01T00:00:00+08:00")
    )
    assert b'"end":"2026-09-14T05:00:00Z"' in encode(session)
    assert b'"deadline":"2026-12-31T16:00:00Z"' in encode(task)


def test_a_malformed_trace_parent_is_dropped() -> None:
    """A trace parent that is none does not cost the event."""
    good = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    kept, dropped = checked(an_event(traceparent=good)), checked(an_event(traceparent="x\x00"))
    assert isinstance(kept, EventBase)
    assert isinstance(dropped, EventBase)
    assert (kept.traceparent, dropped.traceparent) == (good, None)


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=64), st.floats(0, 100_000))
def test_decode_after_encode_is_the_identity(event_id: str, subject: str, amount: float) -> None:
    """What passes the rules reads back as itself."""
    event = decode_event(raw(an_event(event_id, subject=subject, data={"amount": amount})))
    if isinstance(event, Fault) or check(event, WINDOW) is not None:
        return
    assert decode_event(encode(event)) == event
