"""Two workers, one database: whoever lost a partition cannot write any more."""

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
from shared.stream.policy import SavePolicy
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Limits, Worker

KEYS = [f"student-{n}" for n in range(12)]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await a_database(database_url)
    yield database
    await database.close()


def a_member(broker: FakeBroker, database: Database) -> tuple[Worker, FakeSource]:
    source = FakeSource(broker, [CAMPUS_EVENTS], group=GROUP)
    worker = a_worker(
        source,
        FakeSink(broker),
        CountingHandler(database),
        database=database,
        policy=SavePolicy.every(3600),
        limits=Limits(poll_timeout_s=0.0),
    )
    return worker, source


async def test_a_worker_that_lost_its_partitions_cannot_write(database: Database) -> None:
    """An expelled worker is refused at its save even unaware of it; every event counts once."""
    broker = FakeBroker(partitions=3)
    zombie, zombie_source = a_member(broker, database)
    heir, _ = a_member(broker, database)
    await zombie.start()
    await heir.start()
    broker.append(*[an_event(key) for key in KEYS])
    assert await zombie.run_once() > 0
    await broker.expel(zombie_source)  # a pause longer than the session time-out
    for _ in range(2):
        await heir.run_once()
    await heir.drain()
    assert await counts_in(database) == dict.fromkeys(KEYS, 1)
    await zombie.drain()  # it believes that it saves what it handled
    assert await counts_in(database) == dict.fromkeys(KEYS, 1)


async def test_a_fenced_worker_joins_again(database: Database) -> None:
    """After the refusal the worker forgets its state, rejoins and goes on as a member."""
    broker = FakeBroker(partitions=3)
    zombie, zombie_source = a_member(broker, database)
    heir, _ = a_member(broker, database)
    await zombie.start()
    await heir.start()
    broker.append(*[an_event(key) for key in KEYS])
    await zombie.run_once()
    await broker.expel(zombie_source)
    zombie._policy = SavePolicy.every_batch()
    await zombie.run_once()
    assert zombie_source.starts == 2
    broker.append(*[an_event(key) for key in KEYS])
    for _ in range(3):
        for worker in (zombie, heir):
            await worker.run_once()
    for worker in (zombie, heir):
        await worker.drain()
    assert await counts_in(database) == dict.fromkeys(KEYS, 2)
