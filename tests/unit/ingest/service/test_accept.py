"""The accept path, from raw events to the log."""

import asyncio
import json

import pytest
from tests.helpers.ingest_kit import CARD, GATE, World, a_feed, an_event, raw, raws

from ingest.domain.letters import seal_place
from shared.kernel.errors import NotFoundError, ServiceAwayError


async def world(**options: object) -> World:
    return await World(**options).start()  # type: ignore[arg-type]


async def test_an_accepted_event_is_in_the_log_under_its_pseudonym() -> None:
    """The student number is nowhere in the record; the feed is set; the source is kept."""
    w = await world()
    [result] = await w.service.accept("card", raws(an_event("e1", feed="forged")))
    [entry] = w.log.of("events")
    pseudonym = w.pseudonymiser.pseudonym("2023000001")
    event = json.loads(entry.value)
    assert (result.status, result.id) == ("accepted", "e1")
    assert entry.key == event["subject"] == pseudonym
    assert (event["feed"], event["source"]) == ("card", "urn:campus:card")
    assert b"2023000001" not in entry.value


async def test_a_thousand_events_get_a_thousand_results_in_order() -> None:
    """Bad and repeated events have their own result; the good ones are stored."""
    w = await world()
    events = [an_event(f"e{n}") for n in range(1000)]
    events[10] = an_event("e10", data={"amount": -1})
    events[20] = an_event("e20", time="2026-99-14T04:00:00Z")
    events[30] = an_event("e30", type=GATE, data={"gate": "dorm", "place": "b", "direction": "in"})
    events[40], events[50] = events[1], events[2]
    results = await w.service.accept("card", raws(*events))
    by_status = [result.status for result in results]
    assert [by_status.count(s) for s in ("accepted", "duplicate", "rejected")] == [995, 2, 3]
    assert [results[n].reason for n in (10, 20, 30)] == [
        "out_of_range", "bad_time", "type_not_allowed",
    ]  # fmt: skip
    assert [results[n].field for n in (10, 20, 30)] == ["$.data.amount", "$.time", "$.type"]
    assert len(w.log.of("events")) == 995
    assert [result.id for result in results[:3]] == ["e0", "e1", "e2"]


async def test_repeats_are_duplicates_across_requests_splits_and_restarts() -> None:
    """One (source, id) is accepted once, whatever the batches and processes."""
    w = await world()
    events = raws(*(an_event(f"e{n}") for n in range(6)))
    await w.service.accept("card", events[:4])
    first = await w.service.accept("card", events[2:])
    await w.start()
    again = await w.service.accept("card", events)
    assert [r.status for r in first] == ["duplicate"] * 2 + ["accepted"] * 2
    assert {r.status for r in again} == {"duplicate"}
    assert len(w.log.of("events")) == 6


async def test_the_same_id_of_another_source_is_another_event() -> None:
    """Identity is the pair of source and id."""
    w = await world()
    results = await w.service.accept("card", raws(an_event(), an_event(source="urn:other")))
    assert [r.status for r in results] == ["accepted", "accepted"]


async def test_identical_batches_at_once_accept_each_event_once() -> None:
    """Of concurrent copies, one is accepted and the others are duplicates."""
    w = await world()
    batch = raws(*(an_event(f"e{n}") for n in range(50)))
    answers = await asyncio.gather(*(w.service.accept("card", batch) for _ in range(8)))
    for place in range(50):
        statuses = sorted(answer[place].status for answer in answers)
        assert statuses == ["accepted"] + ["duplicate"] * 7
    assert len(w.log.of("events")) == 50
    assert w.ledger.book("card").counts.read == 400


@pytest.mark.parametrize("failure", ["refused", "partly kept", "kept, no answer"])
async def test_a_broker_that_is_away_loses_and_counts_nothing(failure: str) -> None:
    """The request fails as a whole, and the same request is accepted when the broker is back."""
    w = await world()
    w.log.failures = [failure]  # type: ignore[list-item]
    batch = raws(an_event("e1"), an_event("e2", data={"amount": -1}))
    with pytest.raises(ServiceAwayError):
        await w.service.accept("card", batch)
    assert w.ledger.book("card").counts.read == 0
    results = await w.service.accept("card", batch)
    assert [r.status for r in results] == ["accepted", "rejected"]
    counts = w.ledger.book("card").counts
    assert (counts.accepted, counts.duplicate, counts.rejected) == (1, 0, 1)


async def test_a_database_that_is_away_counts_on_the_resend() -> None:
    """Published but not recorded is not accepted: the resend is, and readers drop the copy."""
    w = await world()
    w.store.failures = [True]
    with pytest.raises(ServiceAwayError):
        await w.service.accept("card", raws(an_event()))
    [result] = await w.service.accept("card", raws(an_event()))
    assert result.status == "accepted"
    assert w.ledger.book("card").counts.accepted == 1
    assert len(w.log.of("events")) == 2


async def test_a_rejected_event_is_kept_sealed_with_its_original_bytes() -> None:
    """The dead letter opens to exactly what was sent, and names no student outside the seal."""
    w = await world()
    sent = raw(an_event("e1", data={"amount": -1}))
    await w.service.accept("card", [sent])
    [entry] = w.log.of("dead")
    letter = json.loads(entry.value)
    assert w.sealer.open(letter["payload"], seal_place(letter["id"])) == sent
    assert b"2023000001" not in entry.value
    assert (entry.key, letter["stage"], letter["reason"]) == ("card", "ingest", "out_of_range")


async def test_the_letter_of_the_same_bytes_has_the_same_id() -> None:
    """A client that repeats a bad event does not multiply its dead letters."""
    w = await world()
    for _ in range(2):
        await w.service.accept("card", raws(an_event(data={"amount": -1})))
    first, second = w.log.values("dead")
    assert first["id"] == second["id"]


async def test_an_event_that_is_too_large_is_rejected_and_kept_in_part() -> None:
    """A single event has its own limit; what is kept of it fits a record of the broker."""
    w = await world()
    [result] = await w.service.accept("card", raws(an_event(extra="x" * 900_000)))
    assert result.reason == "event_too_large"
    assert len(w.log.of("dead")[0].value) < 800_000


async def test_an_unknown_feed_is_refused() -> None:
    """Only registered feeds may send."""
    w = await world()
    with pytest.raises(NotFoundError):
        await w.service.accept("nobody", raws(an_event()))


async def test_a_future_event_is_rejected_when_live() -> None:
    """Ten minutes ahead of our clock is the limit when live."""
    w = await world(max_future_s=600.0)
    [result] = await w.service.accept("card", raws(an_event(time="2026-09-14T12:10:01Z")))
    assert (result.status, result.reason) == ("rejected", "time_in_future")


async def test_when_too_much_waits_more_is_refused() -> None:
    """The queue before the broker is bounded, and a refusal keeps nothing."""
    w = await world()
    w.rounds._size = 100_000
    with pytest.raises(ServiceAwayError):
        await w.service.accept("card", raws(an_event()))
    assert not w.log.entries


async def test_a_fault_of_ours_stops_the_rounds_and_is_shown() -> None:
    """An unforeseen error fails the request, and then every later one, instead of hanging."""
    w = await world(mode="wall")

    async def broken(_entries: object) -> None:
        raise KeyError("bug")

    w.log.append = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(ServiceAwayError):
        await w.service.accept("card", raws(an_event()))
    with pytest.raises(ServiceAwayError, match="KeyError"):
        await w.service.accept("card", raws(an_event()))
    assert w.rounds.failure == "ingest stopped: KeyError"


async def test_a_fault_of_ours_answers_also_who_waits_for_the_next_round() -> None:
    """A request that came while the failing round was under way does not hang."""
    w = await world(mode="wall")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def broken(_entries: object) -> None:
        begun.set()
        await go_on.wait()
        raise KeyError("bug")

    w.log.append = broken  # type: ignore[method-assign, assignment]
    first = asyncio.create_task(w.service.accept("card", raws(an_event("e1"))))
    await begun.wait()
    second = asyncio.create_task(w.service.accept("card", raws(an_event("e2"))))
    await asyncio.sleep(0)
    go_on.set()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceAwayError] * 2


async def test_types_of_the_feed_bound_its_events() -> None:
    """A feed of two types takes both."""
    w = await world()
    w.feed_store.by_id["card"] = a_feed(types=(CARD, GATE))
    await w.feeds.refresh()
    gate = an_event("g", type=GATE, data={"gate": "dorm", "place": "b1", "direction": "in"})
    results = await w.service.accept("card", raws(an_event(), gate))
    assert {r.status for r in results} == {"accepted"}
