"""The worker loop, driven one round at a time over the fake broker."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.helpers.streams import (
    GROUP,
    SEALER,
    CountingHandler,
    a_database,
    a_worker,
    an_event,
    counts_in,
)
from tests.helpers.waiting import until

from shared.contracts.codec import decoder
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS, CAMPUS_EVENTS_DEAD, STUDENT_FEATURES
from shared.db.database import Database
from shared.kernel.clock import ManualClock
from shared.kernel.errors import BackpressureError, ConfigError, UnavailableError
from shared.stream.dead_letters import DeadLetterLimit, TooManyDeadLettersError
from shared.stream.policy import SavePolicy
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Limits, UndeliveredError
from shared.web.health import Health

QUICK = Limits(poll_timeout_s=0.0, drain_budget_s=0.5)


@pytest.fixture
async def database(tmp_path: object) -> AsyncIterator[Database]:
    database = await a_database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    yield database
    await database.close()


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker(partitions=4)


def a_source(broker: FakeBroker) -> FakeSource:
    return FakeSource(broker, [CAMPUS_EVENTS], group=GROUP)


async def test_a_batch_is_published_then_committed(broker: FakeBroker) -> None:
    """One round publishes what the handler returned and moves the group's offset past it."""
    source = a_source(broker)
    worker = a_worker(source, FakeSink(broker), CountingHandler(), limits=QUICK)
    broker.append(an_event("a", partition=2), an_event("a", partition=2))
    await worker.start()
    assert await worker.run_once() == 2
    assert broker.values(STUDENT_FEATURES.name) == [b"2/0=1", b"2/1=2"]
    assert {p.number: n for p, n in broker.commits[GROUP].items()} == {2: 2}


async def test_an_unpublished_batch_ends_the_worker_and_is_delivered_again(
    broker: FakeBroker,
) -> None:
    """A batch that was not acknowledged is not committed: the next process reads it again."""
    sink = FakeSink(broker)
    sink.fail_next = 1
    worker = a_worker(a_source(broker), sink, CountingHandler(), limits=QUICK)
    broker.append(an_event("a"))
    with pytest.raises(UndeliveredError):
        await worker.run(asyncio.Event())
    assert broker.commits[GROUP] == {}
    again = a_worker(a_source(broker), FakeSink(broker), CountingHandler(), limits=QUICK)
    await again.start()
    assert await again.run_once() == 1


async def test_a_dead_letter_goes_out_and_the_next_good_record_arrives(broker: FakeBroker) -> None:
    """A record that cannot be handled is set aside, sealed, with its place; the rest goes on."""
    handler = CountingHandler()
    worker = a_worker(a_source(broker), FakeSink(broker), handler, limits=QUICK)
    broker.append(an_event("a", "bad", partition=1), an_event("a", partition=1))
    await worker.start()
    await worker.run_once()
    [letter] = map(decoder(DeadLetter).decode, broker.values(CAMPUS_EVENTS_DEAD.name))
    assert (letter.reason, letter.stage, letter.feed) == ("unreadable", "features", "card")
    assert letter.origin == "campus.events.v1/1/0"
    assert SEALER.open(letter.payload, f"dead:{letter.id}") == b"bad"
    assert handler.counts == {(1, "a"): 1}


async def test_too_many_dead_letters_stop_the_worker(broker: FakeBroker) -> None:
    """Past the limit the worker ends before it sets more aside, and says what to do."""
    limit = DeadLetterLimit(share=0.5, minimum=3)
    worker = a_worker(
        a_source(broker),
        FakeSink(broker),
        CountingHandler(),
        limits=QUICK,
        dead_letter_limit=limit,
    )
    broker.append(*[an_event("a", "bad")] * 4)
    await worker.start()
    with pytest.raises(TooManyDeadLettersError, match="4 of the last 4 records"):
        await worker.run_once()
    assert broker.commits[GROUP] == {}


async def test_back_pressure_holds_the_batch_and_pauses_after_a_while(broker: FakeBroker) -> None:
    """A refused batch is offered again, nothing is lost, and fetching pauses when it lasts."""
    handler = CountingHandler()
    handler.refuse = [BackpressureError("full") for _ in range(12)]
    source = a_source(broker)
    clock = ManualClock()
    worker = a_worker(source, FakeSink(broker), handler, limits=QUICK, clock=clock)
    broker.append(an_event("a"), an_event("b"))
    await worker.start()
    seen_paused = False
    for _ in range(13):
        await worker.run_once()
        seen_paused = seen_paused or bool(source.paused)
    assert seen_paused
    assert not source.paused
    assert sum(handler.counts.values()) == 2


async def test_a_held_batch_is_dropped_when_its_partitions_move(broker: FakeBroker) -> None:
    """After a rebalance the held batch is forgotten: its records come from the stored offset."""
    handler = CountingHandler()
    handler.refuse = [BackpressureError("full")]
    worker = a_worker(a_source(broker), FakeSink(broker), handler, limits=QUICK)
    broker.append(*[an_event(k) for k in "abcdefgh"])
    await worker.start()
    await worker.run_once()
    other_handler = CountingHandler()
    other = a_worker(a_source(broker), FakeSink(broker), other_handler, limits=QUICK)
    await other.start()
    for _ in range(3):
        await worker.run_once()
        await other.run_once()
    assert sum(handler.counts.values()) + sum(other_handler.counts.values()) == 8


async def test_a_checkpoint_waits_for_its_interval(broker: FakeBroker, database: Database) -> None:
    """With `every(5)` effects and offsets are stored together, and not before five seconds."""
    clock = ManualClock()
    worker = a_worker(
        a_source(broker),
        FakeSink(broker),
        CountingHandler(database),
        database=database,
        policy=SavePolicy.every(5.0),
        clock=clock,
        limits=QUICK,
    )
    broker.append(an_event("a"))
    await worker.start()
    await worker.run_once()
    assert await counts_in(database) == {}
    clock.advance(5.0)
    await worker.run_once()
    assert await counts_in(database) == {"a": 1}


async def test_stopping_drains_and_saves(broker: FakeBroker, database: Database) -> None:
    """A worker that is asked to stop saves what it handled before it leaves the group."""
    worker = a_worker(
        a_source(broker),
        FakeSink(broker),
        CountingHandler(database),
        database=database,
        policy=SavePolicy.every(3600),
        limits=QUICK,
    )
    stop = asyncio.Event()
    broker.append(*[an_event("a")] * 3)
    running = asyncio.create_task(worker.run(stop))
    await until(lambda: len(broker.values(STUDENT_FEATURES.name)) == 3)
    stop.set()
    await running
    assert await counts_in(database) == {"a": 3}
    assert sum(broker.commits[GROUP].values()) == 3


async def test_a_new_member_finds_what_the_old_one_saved(
    broker: FakeBroker, database: Database
) -> None:
    """On a rebalance the old owner saves first; the new one loads that and reads on from there."""
    handlers = [CountingHandler(database), CountingHandler(database)]
    workers = [
        a_worker(
            a_source(broker),
            FakeSink(broker),
            handler,
            database=database,
            policy=SavePolicy.every(3600),
            limits=QUICK,
        )
        for handler in handlers
    ]
    keys = [f"student-{n}" for n in range(20)]
    broker.append(*[an_event(key) for key in keys])
    await workers[0].start()
    await workers[0].run_once()
    await workers[1].start()
    broker.append(*[an_event(key) for key in keys])
    for worker in workers:
        await worker.run_once()
        await worker.drain()
    assert await counts_in(database) == dict.fromkeys(keys, 2)
    assert all(worker._tenure.partitions == [] for worker in workers)


async def test_a_save_that_fails_reads_on_from_the_bookmark(
    broker: FakeBroker, database: Database
) -> None:
    """When the database was away, memory is forgotten and the batch is handled anew, once."""
    handler = CountingHandler(database)
    handler.refuse_save = [UnavailableError("database: away")]
    source = a_source(broker)
    worker = a_worker(source, FakeSink(broker), handler, database=database, limits=QUICK)
    broker.append(an_event("a"))
    await worker.start()
    for _ in range(3):
        await worker.run_once()
    assert source.starts == 2
    assert await counts_in(database) == {"a": 1}


async def test_a_database_that_stays_away_ends_the_worker(
    broker: FakeBroker, database: Database
) -> None:
    """Beginning again is bounded: then the error ends the process."""
    handler = CountingHandler(database)
    handler.refuse_save = [UnavailableError("database: away")] * 100
    limits = Limits(poll_timeout_s=0.0, restarts=2)
    worker = a_worker(a_source(broker), FakeSink(broker), handler, database=database, limits=limits)
    broker.append(an_event("a"))
    with pytest.raises(UnavailableError, match="away"):
        await worker.run(asyncio.Event())


async def test_a_drain_that_overruns_its_budget_forgets_the_state(
    broker: FakeBroker, database: Database
) -> None:
    """A hand-over does not wait for ever; the late round's effects are refused and read again."""
    handler = CountingHandler(database)
    limits = Limits(poll_timeout_s=0.0, drain_budget_s=0.01)
    worker = a_worker(a_source(broker), FakeSink(broker), handler, database=database, limits=limits)
    broker.append(an_event("a"))
    await worker.start()
    async with worker._turn:  # a round that takes long
        await worker.revoked(worker._tenure.partitions)
    for _ in range(3):
        await worker.run_once()
    assert await counts_in(database) == {"a": 1}


async def test_a_client_that_stands_still_is_made_anew(broker: FakeBroker) -> None:
    """With lag and no records for a while the client is recreated; liveness fails when in vain."""
    clock = ManualClock()
    source = a_source(broker)
    worker = a_worker(source, FakeSink(broker), CountingHandler(), clock=clock, limits=QUICK)
    health = Health()
    worker.add_checks(health)
    await worker.start()
    assert health.is_ready()
    broker.append(an_event("a"))
    source.is_stuck = True
    for _ in range(60):
        await worker.run_once()
        clock.advance(5)
        if not health.is_alive():
            break
    assert source.starts == 6
    assert not health.is_alive()
    source.is_stuck = False
    await worker.run_once()
    assert health.is_alive()


async def test_an_idle_handler_may_flush(broker: FakeBroker) -> None:
    """An empty poll asks the handler for what it held back."""
    handler = CountingHandler()
    worker = a_worker(a_source(broker), FakeSink(broker), handler, limits=QUICK)
    await worker.start()
    await worker.run_once()
    assert handler.idles == 1


def test_bookmarks_need_a_database(broker: FakeBroker) -> None:
    """A policy that stores offsets without a database is refused when the worker is built."""
    with pytest.raises(ConfigError):
        a_worker(
            a_source(broker), FakeSink(broker), CountingHandler(), policy=SavePolicy.every_batch()
        )
