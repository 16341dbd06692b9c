"""A scoring service with lanes on a fake broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from scoring.domain.lanes import Lane
from scoring.main import Parts, use_streams
from shared.contracts.topics import STUDENT_FEATURES
from shared.stream.ports import Sink, Source
from shared.stream.testing import FakeBroker, FakeSink, FakeSource


@asynccontextmanager
async def at_work(parts: Parts, broker: FakeBroker) -> AsyncIterator[None]:
    """Run all lanes of the parts until the block ends."""

    def streams(lane: Lane) -> tuple[Source, Sink]:
        return FakeSource(broker, [STUDENT_FEATURES], group=lane.group), FakeSink(broker)

    use_streams(parts, streams)
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
