"""The outbox's sender: order, retries, stopping."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from tests.helpers.waiting import until

from directory.domain.ports import Waiting
from directory.jobs import OutboxSender
from directory.metrics import DirectoryMetrics
from shared.kernel.errors import UnavailableError
from shared.stream.ports import Outgoing


class MemoryOutbox:
    """An outbox in a list; `is_taken` plays another sender."""

    def __init__(self, *values: str) -> None:
        self.rows = [Waiting(n, "directory.students.v1", "k", v) for n, v in enumerate(values)]
        self.is_taken = False

    @asynccontextmanager
    async def oldest(self, limit: int) -> AsyncIterator[list[Waiting]]:
        yield [] if self.is_taken else self.rows[:limit]

    async def remove(self, sent: Sequence[Waiting]) -> None:
        self.rows = [row for row in self.rows if row not in sent]

    async def count(self) -> int:
        return len(self.rows)


class MemorySink:
    """A sink that may be away, for start or for publishing."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []
        self.failures = 0
        self.hangs = False
        self.is_stopped = False

    async def start(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if self.failures:
            self.failures -= 1
            raise UnavailableError("broker")
        self.values += [one.value for one in outgoing]

    async def stop(self) -> None:
        self.is_stopped = True


def sender(outbox: MemoryOutbox, sink: MemorySink) -> OutboxSender:
    metrics = DirectoryMetrics(CollectorRegistry())
    return OutboxSender(outbox, sink, metrics=metrics, poll_s=0.01)


async def test_records_leave_in_order_and_only_once() -> None:
    """What was acknowledged leaves the outbox, in order; a second round finds nothing."""
    outbox, sink = MemoryOutbox(*(str(n) for n in range(1200))), MemorySink()
    sending = sender(outbox, sink)
    assert [await sending.run_once() for _ in range(4)] == [500, 500, 200, 0]
    assert sink.values == [str(n).encode() for n in range(1200)]


async def test_another_sender_has_the_turn() -> None:
    """While another sender works, this one publishes nothing."""
    outbox, sink = MemoryOutbox("a"), MemorySink()
    outbox.is_taken = True
    assert await sender(outbox, sink).run_once() == 0
    assert (sink.values, len(outbox.rows)) == ([], 1)


async def test_records_wait_while_the_broker_is_away() -> None:
    """A failed publish keeps the record; the next try delivers it, and the complaint ends."""
    outbox, sink = MemoryOutbox("a"), MemorySink()
    sink.failures = 1
    sending, stop = sender(outbox, sink), asyncio.Event()
    task = asyncio.create_task(sending.run(stop))
    await until(lambda: sending.complaint is not None)
    assert len(outbox.rows) == 1
    sending.wake()
    await until(lambda: not outbox.rows)
    stop.set()
    await task
    assert sink.values == [b"a"]
    assert sending.complaint is None
    assert sink.is_stopped


async def test_it_stops_while_the_broker_never_answers() -> None:
    """A process that is asked to stop does not wait for a connection."""
    outbox, sink = MemoryOutbox("a"), MemorySink()
    sink.hangs = True
    stop = asyncio.Event()
    task = asyncio.create_task(sender(outbox, sink).run(stop))
    await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(task, 2)
    assert len(outbox.rows) == 1
