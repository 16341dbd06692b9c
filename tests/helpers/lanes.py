"""A scoring service with lanes on a fake broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from scoring.domain.lanes import Lane
from scoring.main import Parts
from scoring.main.lanes import Streams, open_lane, use_streams
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder, encode
from shared.contracts.features import FeatureVector
from shared.contracts.topics import RISK_ASSESSMENTS, STUDENT_FEATURES
from shared.stream.ports import Sink, Source
from shared.stream.records import Outgoing
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Worker


def streams_on(broker: FakeBroker) -> Streams:
    """Let lanes read and write on a fake broker."""

    def streams(lane: Lane) -> tuple[Source, Sink]:
        return FakeSource(broker, [STUDENT_FEATURES], group=lane.group), FakeSink(broker)

    return streams


async def the_champions_worker(parts: Parts, broker: FakeBroker) -> Worker:
    """Open the champion's lane without running it."""
    (lane,) = [one for one in await parts.wanted() if one.is_champion]
    opened = await open_lane(parts, streams_on(broker), lane)
    assert isinstance(opened.worker, Worker)
    return opened.worker


def put(broker: FakeBroker, *vectors: FeatureVector) -> None:
    """Append vectors to the topic that lanes read."""
    for one in vectors:
        broker.append(Outgoing(STUDENT_FEATURES.name, one.student.encode(), encode(one)))


def published(broker: FakeBroker) -> list[Assessment]:
    """Return what lanes said, without tombstones."""
    return [decoder(Assessment).decode(v) for v in broker.values(RISK_ASSESSMENTS.name)]


async def drained(worker: Worker) -> None:
    """Let a worker read what is there."""
    while await worker.run_once(0.0):
        pass


@asynccontextmanager
async def at_work(parts: Parts, broker: FakeBroker) -> AsyncIterator[None]:
    """Run all lanes of the parts until the block ends."""
    use_streams(parts, streams_on(broker))
    await parts.load()
    stop = asyncio.Event()
    task = asyncio.create_task(parts.lanes.run(stop, interval_s=0.05))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while not await holds():
            await asyncio.sleep(0.02)


async def revision_reached(broker: FakeBroker, revision: int, count: int) -> None:
    """Wait until so many students were assessed under a revision."""

    async def holds() -> bool:
        return len({a.student for a in published(broker) if a.revision == revision}) == count

    await until(holds)
