"""The worker loop at its edges: hand-overs under way, failures far apart, few dead letters."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.helpers.streams import (
    GROUP,
    CountingHandler,
    a_database,
    a_worker,
    an_event,
    counts_in,
)

from shared.contracts.topics import CAMPUS_EVENTS
from shared.db.database import Database
from shared.kernel.clock import ManualClock
from shared.kernel.errors import UnavailableError
from shared.stream.dead_letters import DeadLetterLimit
from shared.stream.policy import SavePolicy
from shared.stream.ports import Partition
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Limits

QUICK = Limits(poll_timeout_s=0.0, drain_budget_s=5.0)
PLACE = Partition(CAMPUS_EVENTS.name, 0)


@pytest.fixture
async def database(tmp_path: object) -> AsyncIterator[Database]:
    database = await a_database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    yield database
    await database.close()


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker(partitions=1)


@pytest.fixture
def source(broker: FakeBroker) -> FakeSource:
    return FakeSource(broker, [CAMPUS_EVENTS], group=GROUP)


async def test_records_polled_before_a_hand_over_are_not_handled_after_it(
    broker: FakeBroker, source: FakeSource, database: Database
) -> None:
    """A partition comes back without its last save: what was skipped must not be jumped over."""
    handler = CountingHandler(database)
    worker = a_worker(
        source, FakeSink(broker), handler, database=database,
        policy=SavePolicy.every(3600), limits=QUICK,
    )  # fmt: skip
    await worker.start()
    broker.append(an_event("a"), an_event("a"))
    assert await worker.run_once() == 2
    broker.append(an_event("a"), an_event("a"))
    handler.refuse_save = [UnavailableError("database: away")]
    tasks = []
    async with worker._turn:
        for step in (worker.revoked([PLACE]), worker.assigned([PLACE]), worker.run_once()):
            tasks.append(asyncio.ensure_future(step))
            for _ in range(5):
                await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    await source.seek(PLACE, 0)  # what `assigned` asked for: nothing was saved
    await worker.run_once()
    await worker.drain()
    assert await counts_in(database) == {"a": 4}


async def test_offsets_of_a_partition_that_went_are_not_committed_later(
    broker: FakeBroker, source: FakeSource, database: Database
) -> None:
    """Its next owner has committed further on: an old offset would set the group back."""
    clock = ManualClock()
    worker = a_worker(
        source, FakeSink(broker), CountingHandler(database),
        database=database, clock=clock, limits=QUICK,
    )  # fmt: skip
    await worker.start()
    broker.append(an_event("a"), an_event("a"))
    await worker.run_once()
    await worker.revoked([PLACE])
    broker.commits[GROUP][PLACE] = 9
    clock.advance(60)
    await worker._commit(at_once=True)
    assert broker.commits[GROUP] == {PLACE: 9}


async def test_failures_far_apart_do_not_add_up(
    broker: FakeBroker, source: FakeSource, database: Database
) -> None:
    """The bound on beginning again is for one failure that lasts: a save that held resets it."""
    handler = CountingHandler(database)
    limits = Limits(poll_timeout_s=0.0, restarts=2)
    worker = a_worker(source, FakeSink(broker), handler, database=database, limits=limits)
    await worker.start()
    for number in range(1, 6):
        handler.refuse_save = [UnavailableError("database: away")]
        broker.append(an_event("a"))
        for _ in range(3):
            await worker.run_once()
        assert await counts_in(database) == {"a": number}


async def test_good_records_count_in_the_share_of_dead_letters(
    broker: FakeBroker, source: FakeSource
) -> None:
    """A few bad records among many good ones stop nothing, also when they come in one batch."""
    limit = DeadLetterLimit(share=0.5, minimum=3)
    worker = a_worker(
        source, FakeSink(broker), CountingHandler(), limits=QUICK, dead_letter_limit=limit
    )
    await worker.start()
    broker.append(*[an_event("a")] * 20)
    assert await worker.run_once() == 20
    broker.append(*[an_event("a", "bad")] * 6)
    assert await worker.run_once() == 6
