"""What the service does with single records: zero, missing, late, ahead, poison, masks, ticks."""

from datetime import timedelta
from typing import Any, Literal

import msgspec
import pytest
from tests.helpers.feature_log import (
    FIRST,
    a_service,
    a_tick,
    alive,
    an_event,
    at,
    digest_of,
    facts,
    run,
)

from features.domain.columns import CODES, KINDS, Kind
from shared.contracts import event as e
from shared.contracts.codec import encode
from shared.contracts.student import Mask
from shared.features.catalogue import INDEX

SILENT, LIBRARY = INDEX["silent_days"], INDEX["library_visits"]


def test_a_silent_student_with_live_feeds_has_zero_visits_and_a_dead_feed_gives_missing() -> None:
    """Zero is a value at coverage 1; nothing delivered is missing at coverage 0."""
    for share, visits, coverage in ((1.0, 0.0, 1.0), (0.0, None, 0.0)):
        service = a_service()
        told = alive(40, share=share, state="alive" if share else "dead")
        [vector] = run(service, [an_event(), a_tick(40, feeds=[told])]).vectors
        assert vector.values[LIBRARY] == visits
        assert vector.coverage[LIBRARY] == coverage
        assert vector.dead_feeds == ([] if share else ["all"])


def test_silence_changes_the_vector_without_any_event() -> None:
    """A student without events gets another vector at a later tick, from the tick alone."""
    service = a_service()
    log = [an_event(id=str(day), time=at(day)) for day in range(30)]
    first = run(service, [*log, a_tick(30)]).vectors[0]
    [later] = run(service, [a_tick(33)], start=31).vectors
    assert (later.position, later.student) == (31, "p1:a")
    assert later.values != first.values


def test_a_student_known_by_directory_alone_is_evaluated() -> None:
    """Facts without any event lead to a vector; a student who left gets none."""
    service = a_service()
    service.learn(0, "p1:new", facts("p1:new"))
    service.learn(0, "p1:gone", facts("p1:gone", enrolled=False))
    [vector] = run(service, [a_tick(1)]).vectors
    assert (vector.student, vector.college, vector.event_time) == ("p1:new", "c1", None)


def test_leaving_ends_evaluation_and_coming_back_resumes_it() -> None:
    """`enrolled=false` silences a student with events; enrolment brings the next vector."""
    service = a_service()
    run(service, [an_event(), a_tick(1)])
    service.learn(0, "p1:a", facts("p1:a", enrolled=False))
    assert not run(service, [a_tick(20)], start=2).vectors
    service.learn(0, "p1:a", facts("p1:a"))
    assert run(service, [a_tick(21)], start=3).vectors


def test_leave_masks_days_and_is_named() -> None:
    """Days on leave are not counted as silence and the vector cites the mask in force."""
    start = (FIRST + timedelta(days=20)).date().isoformat()
    service = a_service()
    service.learn(0, "p1:a", facts("p1:a", masks=[Mask("leave", start, "2027-01-01")]))
    log = [an_event(id=str(day), time=at(day)) for day in range(20)]
    [vector] = run(service, [*log, a_tick(26)]).vectors
    assert vector.masked == "leave"
    assert vector.values[SILENT] in {0.0, None}
    plain = a_service()
    [other] = run(plain, [*log, a_tick(26)]).vectors
    assert other.masked is None
    assert (other.values[SILENT] or 0) > 0


def test_an_event_older_than_the_ring_is_reported_and_counted() -> None:
    """Too late: refused with its reason, counted, state as before; its repeat is dropped."""
    service = a_service()
    run(service, [an_event(), a_tick(130)])
    before = digest_of(service)[0]
    late = an_event(id="old", time=at(5))
    outcome = run(service, [late, late], start=2)
    assert [(r.reason, r.offset, r.feed) for r in outcome.refused] == [("too_late", 2, "card")]
    assert service.counts() == {"card": [1, 1, 0, 1]}
    assert digest_of(service)[0] == before


def test_a_late_event_inside_the_ring_counts() -> None:
    """An event of 100 days ago changes its day."""
    service = a_service()
    run(service, [an_event(), a_tick(100)])
    before = digest_of(service)[0]
    assert not run(service, [an_event(id="late", time=at(3))], start=2).refused
    assert digest_of(service)[0] != before


def test_an_event_far_ahead_of_the_last_tick_cannot_empty_the_ring() -> None:
    """Next year is refused, whatever else is in the batch, and the ring stays."""
    service = a_service()
    run(service, [an_event(), a_tick(1)])
    before = digest_of(service)[0]
    outcome = run(service, [an_event(id="x", time="2027-12-31T23:59:59Z")], start=2)
    assert [r.reason for r in outcome.refused] == ["ahead_of_time"]
    assert digest_of(service)[0] == before
    assert service.counts()["card"][2] == 1


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{",
        b"\xff\xfe",
        None,
        b"[" * 100_000,
        b'{"type":"lantern.card.swiped.v1","feed":"card"}',
        an_event(id="t", time="2026-13-45T99:99:99Z"),
        an_event(id="t", time="9999-12-31T23:59:59Z"),
        an_event(id="t", time="0001-01-01T00:00:00Z"),
        an_event(id="t", time="1969-12-31T23:59:59+08:00"),
        an_event(e.NetworkUsed, e.NetworkSession(end="not a time at all ..", building="b"), id="n"),
        an_event(e.MilestoneSet, e.Milestone(kind="plan", due="2026-02-31"), id="m"),
    ],
)
def test_a_bad_record_is_refused_alone(bad: bytes | None) -> None:
    """Whatever a record holds, those before and after it are applied."""
    service = a_service()
    outcome = run(service, [an_event(id="1"), bad, an_event(id="2")])
    assert [r.offset for r in outcome.refused] == [1]
    assert sum(counts[0] for counts in service.counts().values()) == 2
    assert sum(counts[2] for counts in service.counts().values()) == 1
    assert service.states[0].position == 2


def test_indicator_code_that_raises_costs_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event on which the code raises is dead-lettered; its neighbours are applied."""
    code = CODES[e.CardSwiped]
    kind = KINDS[code]

    def brittle(at_: object, fields: tuple[object, ...]) -> list[object]:
        if 66.0 in fields[1]:  # type: ignore[operator]
            raise ZeroDivisionError
        return kind.updates(at_, fields)  # type: ignore[arg-type, return-value]

    kinds = list(KINDS)
    kinds[code] = Kind(kind.fields, brittle)  # type: ignore[arg-type]
    monkeypatch.setattr("features.domain.columns.KINDS", tuple(kinds))
    service, plain = a_service(), a_service()
    good = [an_event(id=str(number)) for number in range(9)]
    poison = an_event(id="poison", data=e.CardSwipe(merchant="meal", amount=66.0))
    outcome = run(service, [*good[:4], poison, *good[4:]])
    assert [(r.offset, r.reason) for r in outcome.refused] == [(4, "indicator_failed")]
    assert service.counts() == {"card": [9, 0, 1, 0]}
    run(plain, good)
    assert digest_of(service)[0] == digest_of(plain)[0]


def test_a_refused_event_does_not_reach_the_life_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A meeting on which the code raises leaves no day of the last meeting behind."""
    code = CODES[e.AdvisorContacted]
    kind = KINDS[code]

    def brittle(at_: Any, fields: Any) -> Any:
        if fields[0].any():
            raise ZeroDivisionError
        return kind.updates(at_, fields)

    kinds = list(KINDS)
    kinds[code] = Kind(kind.fields, brittle, ages=kind.ages)
    monkeypatch.setattr("features.domain.columns.KINDS", tuple(kinds))
    service, plain = a_service(), a_service()
    data = e.AdvisorContact(kind="reply", latency_hours=2.0)
    good = [an_event(e.AdvisorContacted, data, id=str(number)) for number in range(3)]
    poison = an_event(e.AdvisorContacted, e.AdvisorContact(kind="meeting"), id="poison")
    outcome = run(service, [*good, poison])
    assert [(r.offset, r.reason) for r in outcome.refused] == [(3, "indicator_failed")]
    run(plain, good)
    assert digest_of(service)[0] == digest_of(plain)[0]


def test_a_repeated_or_older_tick_changes_nothing() -> None:
    """Ticks that do not move time on publish nothing and tell nothing new."""
    service = a_service()
    run(service, [an_event(), a_tick(40)])
    silent = a_tick(40, feeds=[alive(40, share=0.0, state="dead")])
    assert not run(service, [silent, a_tick(39)], start=2).vectors
    assert service.states[0].yields.dead() == []


def test_a_tick_with_an_unreadable_time_is_refused() -> None:
    """A tick whose time cannot be read is dead and moves nothing."""
    service = a_service()
    broken = encode(e.Tick(id="t", time="2026-99-99T00:00:00Z"))
    outcome = run(service, [an_event(), broken, a_tick(1)])
    assert [r.offset for r in outcome.refused] == [1]
    assert len(outcome.vectors) == 1


def test_an_unchanged_student_is_not_published_again() -> None:
    """Hourly ticks of one day publish a student once."""
    service = a_service()
    assert run(service, [an_event(), a_tick(1)]).vectors
    assert not run(service, [a_tick(1 + 1 / 24)], start=2).vectors


def test_adaptive_publishes_what_changed_without_waiting_for_a_tick() -> None:
    """Live, a posted result changes the vector at once, with the event's trace."""
    service = a_service("adaptive")
    run(service, [an_event(), a_tick(1)])
    failed = e.GradePosted(term="t", status="failed", credits=3.0)
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    event = an_event(e.GradePostedEvent, failed, id="g", time=at(1.01), traceparent=trace)
    [vector] = run(service, [event], start=2).vectors
    assert vector.values[INDEX["failed_credits"]] == 3.0
    assert (vector.position, vector.traceparent) == (2, trace)
    assert not service.idle().vectors


@pytest.mark.parametrize("flush", ["adaptive", "ticks"])
def test_digests_and_values_do_not_depend_on_traces(flush: Literal["adaptive", "ticks"]) -> None:
    """The same events by other requests end in the same state and the same vectors."""
    ends: list[tuple[Any, ...]] = []
    for trace in ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", None):
        service = a_service(flush)
        log = [an_event(id=str(n), time=at(n), traceparent=trace) for n in range(3)]
        vectors = run(service, [*log, a_tick(4)]).vectors
        assert {each.traceparent for each in vectors} <= {trace, None}
        untraced = [msgspec.structs.replace(each, traceparent=None) for each in vectors]
        ends.append((digest_of(service), untraced))
    assert ends[0] == ends[1]


def test_days_follow_a_zone_with_summer_time() -> None:
    """In a zone that changes its clock, 04:00 local still begins the day on both sides."""
    service = a_service(zone="Europe/Berlin")
    events = [
        an_event(id="a", time="2026-10-24T01:59:59Z"),  # 03:59 summer time: the day before
        an_event(id="b", time="2026-10-25T02:59:59Z"),  # 03:59 winter time: 24 October
        an_event(id="c", time="2026-10-25T03:00:00Z"),  # 04:00 winter time: 25 October
    ]
    run(service, events)
    state = service.states[0]
    filled = [
        state.oldest + place
        for place, day in enumerate(state.days_of(state.rows["p1:a"]))
        if day["purchases"]
    ]
    assert filled == [20_749, 20_750, 20_751]


def test_facts_with_an_unreadable_mask_are_refused_alone() -> None:
    """A broken date in one student's facts neither stops evaluation nor changes what was known."""
    service = a_service()
    service.learn(0, "p1:a", facts("p1:a"))
    service.learn(0, "p1:b", facts("p1:b", masks=[Mask("leave", "soon", "later")]))
    vectors = run(service, [an_event(), a_tick(1)]).vectors
    assert [vector.student for vector in vectors] == ["p1:a"]
    assert service.facts_refused == 1


def test_hourly_ticks_evaluate_only_what_can_have_changed() -> None:
    """Within a day, a tick evaluates only the students that changed."""
    service = a_service()
    log = [an_event(id=str(number), student=f"p1:{number}") for number in range(20)]
    run(service, [*log, a_tick(1.1)])
    service.emitter.take_tally()
    run(service, [an_event(id="x", time=at(1.05)), a_tick(1.15)], start=21)
    assert service.emitter.take_tally().evaluated == 1


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("stage", ["fields", "updates"])
def test_a_refused_event_driven_again_is_applied_exactly_once(
    monkeypatch: pytest.MonkeyPatch, stage: str, *, cut: bool
) -> None:
    """After the mend its marked copy counts once; plain repeats stay duplicates, dead once."""
    code = CODES[e.CardSwiped]
    kind = KINDS[code]

    def broken(events: Any, *_: object) -> Any:
        if events:
            raise ZeroDivisionError
        return kind.fields(events)

    kinds = list(KINDS)
    kinds[code] = Kind(
        broken if stage == "fields" else kind.fields, broken if stage == "updates" else kind.updates
    )
    service, plain = a_service(), a_service()
    with monkeypatch.context() as patch:
        patch.setattr("features.domain.columns.KINDS", tuple(kinds))
        first = [an_event(id="x"), an_event(id="x"), an_event(id="x#redrive-1")]
        assert [r.offset for r in run(service, first).refused] == [0, 2]
    again = [an_event(id=name) for name in ("x", "x#redrive-1", "x#redrive-2", "x#redrive-2")]
    again.append(an_event(id="x#redrive-3"))
    if cut:
        for offset, event in enumerate(again, 3):
            assert not run(service, [event], start=offset).refused
    else:
        assert not run(service, again, start=3).refused
    assert service.counts() == {"card": [1, 0, 2, 5]}
    run(plain, [an_event(id="x"), an_event(id="x#redrive-1"), an_event(id="x")])
    assert plain.counts() == {"card": [1, 0, 0, 2]}
    assert digest_of(service)[0] == digest_of(plain)[0]
