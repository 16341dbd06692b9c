"""Ticks stand where event time crosses a boundary, whatever the batches, failures and crashes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.ingest_kit import GATE, World, a_feed, an_event, raws

from ingest.domain.ports import Entry
from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.errors import RuleBrokenError, ServiceAwayError

START = parse_utc("2026-09-01T00:00:00Z")


def at(hours: float) -> str:
    return format_utc(START + timedelta(hours=hours))


def card(number: int, hours: float) -> dict[str, Any]:
    return an_event(f"c{number}", time=at(hours), subject=f"20230000{number % 7}")


def gate(number: int, hours: float) -> dict[str, Any]:
    data = {"gate": "dorm", "place": "b1", "direction": "in"}
    return an_event(f"g{number}", type=GATE, time=at(hours), data=data)


def two_feeds() -> World:
    return World(a_feed("card"), a_feed("gate", types=(GATE,)))


def as_readers_see_it(entries: list[Entry]) -> list[tuple[str, dict[str, Any]]]:
    """Drop what every reader drops: events seen before, and ticks not after the last one.

    And the trace, which tells by which request an event came: a repeat is another request.
    """
    seen: set[str] = set()
    last_tick = ""
    kept: list[tuple[str, dict[str, Any]]] = []
    for channel, _, value in entries:
        record = json.loads(value)
        assert (record.pop("traceparent", None) is not None) == (channel == "events")
        if channel == "events" and record["id"] not in seen:
            seen.add(record["id"])
            kept.append((channel, record))
        if channel == "tick" and record["time"] > last_tick:
            last_tick = record["time"]
            kept.append((channel, record))
    return kept


def places(world: World) -> list[str]:
    return [
        record["id"] if channel == "events" else record["time"]
        for channel, _, value in world.log.entries
        for record in [json.loads(value)]
    ]


async def test_a_tick_stands_before_the_first_event_past_its_boundary() -> None:
    """Events before the boundary come before the tick, in the middle of a batch too."""
    w = await two_feeds().start()
    await w.service.accept("card", raws(card(1, 1), card(2, 19), card(3, 21), card(4, 22)))
    assert places(w) == ["c1", "c2", "2026-09-01T20:00:00Z", "c3", "c4"]


async def test_a_tick_tells_of_the_events_before_it() -> None:
    """A tick's yields count exactly the events that precede it in the log."""
    w = await two_feeds().start()
    await w.service.accept("card", raws(card(1, 1), card(2, 2), card(3, 21)))
    [tick] = w.log.values("tick")
    by_feed = {feed["feed"]: feed for feed in tick["feeds"]}
    assert by_feed["card"]["days"][-1] == {"day": "2026-09-01", "received": 2, "yield_share": 1.0}
    assert by_feed["gate"]["days"][-1]["yield_share"] == 0.0
    assert by_feed["card"]["types"] == ["lantern.card.swiped.v1"]


async def test_a_gap_of_days_has_a_tick_a_day() -> None:
    """Silence is judged at every boundary that event time jumps over."""
    w = await two_feeds().start()
    await w.service.accept("card", raws(card(1, 1), card(2, 24 * 4)))
    assert len(w.log.of("tick")) == 4
    assert [feed["state"] for feed in w.log.values("tick")[-1]["feeds"]] == ["dead", "dead"]


async def test_duplicates_and_rejects_do_not_move_time() -> None:
    """Only an accepted event is evidence of the time."""
    w = await two_feeds().start()
    await w.service.accept("card", raws(card(1, 1), {**card(2, 50), "specversion": "9"}))
    await w.service.accept("card", raws(card(1, 1)))
    assert not w.log.of("tick")
    assert w.tick_clock.watermark == at(1)


async def test_a_replay_is_closed_by_a_tick_and_closing_again_changes_nothing() -> None:
    """The explicit tick publishes the boundaries before it, once."""
    w = await two_feeds().start()
    await w.service.accept("card", raws(card(1, 1)))
    assert await w.service.tick(at(46)) == [at(20), at(44), at(46)]
    assert await w.service.tick(at(46)) == []
    await w.start()
    assert await w.service.tick(at(30)) == []
    assert len(w.log.of("tick")) == 3


async def test_an_absurd_moment_is_refused() -> None:
    """A tick far ahead would silence all later ones."""
    w = await two_feeds().start()
    for time, code in (
        ("9999-01-01T00:00:00Z", "time_too_far"),
        ("tomorrow at noon..", "bad_time"),
    ):
        with pytest.raises(RuleBrokenError) as caught:
            await w.service.tick(time)
        assert caught.value.code == code


async def test_one_wrong_year_is_refused_also_where_the_future_is_believed() -> None:
    """In a replay a time beyond this century is a rejected event, and the service lives on."""
    w = await two_feeds().start()
    wrong = {**card(2, 0), "time": "9999-12-31T23:59:59Z"}
    late = {**card(3, 0), "time": "2100-01-01T00:00:00Z"}
    results = await w.service.accept("card", raws(card(1, 1), wrong, late, card(4, 2)))
    assert [each.reason for each in results] == [None, "time_in_future", "time_in_future", None]
    assert w.tick_clock.watermark == at(2)
    assert not w.log.of("tick")


async def test_a_leap_within_the_century_is_bounded() -> None:
    """The longest leap that is believed is filled with the last 400 boundaries."""
    w = await World(a_feed("card"), tick_interval_s=900).start()
    last = {**card(2, 0), "time": "2099-12-31T23:59:59Z"}
    await w.service.accept("card", raws(card(1, 1), last))
    assert len(w.log.of("tick")) == 400


async def test_by_the_wall_clock_events_do_not_tick_and_the_job_ticks_once() -> None:
    """Live, the tick of a boundary goes out once, however often the job looks."""
    w = await World(a_feed(), mode="wall", tick_interval_s=3600).start()
    await w.service.accept("card", raws(card(1, 1), card(2, 99)))
    assert not w.log.of("tick")
    assert await w.service.tick_by_clock() == ["2026-09-14T12:00:00Z"]
    assert await w.service.tick_by_clock() == []
    w.clock.advance(3600 * 3 + 5)
    assert await w.service.tick_by_clock() == ["2026-09-14T15:00:00Z"]


FAULTS = st.sampled_from(
    [None, None, "refused", "partly kept", "kept, no answer", "not recorded", "crash"]
)
EVENTS = st.lists(
    st.tuples(st.booleans(), st.floats(0, 120).map(lambda h: round(h, 3))), min_size=1, max_size=40
)
PLANS = st.lists(st.tuples(st.integers(1, 7), FAULTS, st.booleans()), min_size=60, max_size=60)


async def send(world: World, feed: str, batch: list[bytes], fault: str | None) -> None:
    """Send a batch until it is answered, with one fault on the way."""
    if fault == "not recorded":
        world.store.failures = [True]
    elif fault == "crash":
        world.log.failures = ["kept, no answer"]
    elif fault is not None:
        world.log.failures = [fault]  # type: ignore[list-item]
    try:
        await world.service.accept(feed, batch)
    except ServiceAwayError:
        if fault == "crash":
            await world.start()
        await world.service.accept(feed, batch)
    finally:
        world.store.failures, world.log.failures = [], []


@given(EVENTS, PLANS)
async def test_faults_and_batching_leave_the_log_that_readers_see_unchanged(
    kinds: list[tuple[bool, float]], plan: list[tuple[int, str | None, bool]]
) -> None:
    """Whatever fails, wherever batches end: after dropping repeats the log is the same."""
    events = [
        ("card", card(n, hours)) if is_card else ("gate", gate(n, hours))
        for n, (is_card, hours) in enumerate(kinds)
    ]
    plain = await two_feeds().start()
    for feed, event in events:
        await plain.service.accept(feed, raws(event))
    faulty = await two_feeds().start()
    steps = iter(plan)
    rest = events
    while rest:
        size, fault, is_repeated = next(steps)
        feed = rest[0][0]
        batch: list[dict[str, Any]] = []
        while rest and len(batch) < size and rest[0][0] == feed:
            batch.append(rest[0][1])
            rest = rest[1:]
        await send(faulty, feed, raws(*batch), fault)
        if is_repeated:
            await faulty.service.accept(feed, raws(*batch))
    assert as_readers_see_it(faulty.log.entries) == as_readers_see_it(plain.log.entries)
    for feed in ("card", "gate"):
        assert faulty.ledger.book(feed).counts.accepted == plain.ledger.book(feed).counts.accepted
        assert faulty.ledger.book(feed).days == plain.ledger.book(feed).days
    assert faulty.tick_clock == plain.tick_clock
