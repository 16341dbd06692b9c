"""What the clock asks of ingest."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry
from tests.helpers.ingest_kit import NOW, ZONE, World, a_feed, an_event, raws

from ingest.domain.seen import SeenSet, digest_of
from ingest.domain.ticks import Boundaries
from ingest.jobs import ForgetJob, StatusJob, every, watch
from ingest.metrics import IngestMetrics
from ingest.service.rounds import RoundPolicy
from ingest.service.statuses import Statuses
from shared.kernel.errors import LanternError, UnavailableError


async def status_job(world: World, interval_s: float = 60.0) -> StatusJob:
    policy = RoundPolicy("wall", Boundaries(3600, ZONE))
    statuses = Statuses(world.feeds, world.ledger, policy, world.clock)
    metrics = IngestMetrics(CollectorRegistry())
    return StatusJob(
        world.feeds, statuses, world.log, world.clock, gauges=metrics, interval_s=interval_s
    )


async def test_a_stopped_feed_becomes_dead_while_the_others_live() -> None:
    """States go out when they change, and all of them every minute."""
    w = await World(a_feed("card", cadence_s=600.0), a_feed("quiet", cadence_s=600.0)).start()
    w.feed_store.by_id["slow"] = a_feed("slow", cadence_s=1e6)
    job = await status_job(w)
    await w.service.accept("card", raws(an_event(time="2026-09-14T12:00:00Z")))
    assert {s.feed: s.state for s in await job.run_once()} == {
        "card": "alive", "quiet": "new", "slow": "new",
    }  # fmt: skip
    assert await job.run_once() == []
    w.clock.advance(59)
    assert await job.run_once() == []
    w.clock.advance(542)
    assert {s.feed: s.state for s in await job.run_once()} == {
        "card": "dead", "quiet": "dead", "slow": "new",
    }  # fmt: skip
    await w.service.accept("card", raws(an_event("e2", time="2026-09-14T12:09:00Z")))
    assert [(s.feed, s.state) for s in await job.run_once()] == [("card", "alive")]
    assert {entry.key for entry in w.log.of("status")} == {"card", "quiet", "slow"}


async def test_a_status_that_did_not_get_out_is_tried_again() -> None:
    """A change is not forgotten because the broker was away."""
    w = await World(a_feed()).start()
    job = await status_job(w)
    w.log.failures = ["refused"]
    with pytest.raises(UnavailableError):
        await job.run_once()
    assert [s.feed for s in await job.run_once()] == ["card"]


async def test_ids_are_forgotten_in_memory_and_in_the_database() -> None:
    """Both ends of the horizon move together."""
    w = await World(a_feed()).start()
    await w.service.accept("card", raws(an_event()))
    seen = SeenSet(7, 1000)
    seen.add(NOW.date(), [digest_of("s", "1")])
    job = ForgetJob(seen, w.store, IngestMetrics(CollectorRegistry()), w.clock, days=7)
    assert (await job.run_once(), len(seen)) == (0, 1)
    w.clock.advance(8 * 86_400)
    assert (await job.run_once(), len(seen)) == (1, 0)


async def test_a_job_outlives_an_absent_broker() -> None:
    """What failed for want of a broker is tried again; a bug is raised."""
    stop, calls = asyncio.Event(), []

    async def work() -> None:
        calls.append(1)
        if len(calls) == 2:
            stop.set()
        raise UnavailableError("away")

    await every(0.001, stop, work=work)
    assert len(calls) == 2


async def test_the_process_ends_when_rounds_stopped_by_a_fault() -> None:
    """The orchestrator restarts what cannot go on."""
    w = await World(a_feed()).start()
    w.rounds.failure = "ingest stopped: KeyError"
    with pytest.raises(LanternError, match="KeyError"):
        await watch(w.rounds, asyncio.Event())
