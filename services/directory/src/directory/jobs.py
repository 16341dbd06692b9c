"""What runs by itself: sending the outbox, and once a day fresh facts and a signed audit head."""

import asyncio
import contextlib

from directory.domain.ports import Outbox, Work
from directory.domain.signing import HeadSigner
from directory.metrics import DirectoryMetrics
from directory.service.audit import sign_head
from directory.service.facts import FactsPublisher
from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger
from shared.stream.ports import Outgoing, Sink

log = get_logger("directory.jobs")
_BATCH = 500
_RETRY_S = 2.0


async def _pause(stop: asyncio.Event, seconds: float, wake: asyncio.Event | None = None) -> None:
    """Wait for the first of stop, wake and time."""
    events = [stop] if wake is None else [stop, wake]
    tasks = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    if wake is not None:
        wake.clear()


class DailyJob:
    """Facts that begin or end with a day, and the signature of the audit's head."""

    def __init__(
        self,
        work: Work,
        clock: Clock,
        publisher: FactsPublisher,
        signer: HeadSigner,
        *,
        metrics: DirectoryMetrics,
        poll_s: float,
    ) -> None:
        self._work = work
        self._clock = clock
        self._publisher = publisher
        self._signer = signer
        self._metrics = metrics
        self._poll_s = poll_s
        self._done = ""

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.run_once()
            except UnavailableError as error:
                log.warning("daily.postponed", error=str(error))
            await _pause(stop, self._poll_s)

    async def run_once(self) -> bool:
        """Do the day's work when a campus day has begun; return whether it had."""
        now = self._clock.now()
        day = self._publisher.today(now)
        if day == self._done:
            return False
        async with self._work.write() as stores:
            changed = await self._publisher.refresh(stores, now)
            if await sign_head(stores, self._signer.sign, day):
                self._metrics.head_signed()
        self._done = day
        log.info("daily.done", day=day, students_changed=changed)
        return True


class OutboxSender:
    """Publishes what waits, oldest first; a record leaves the outbox after the broker took it.

    While the broker is away records wait in the database and the service goes on.
    """

    def __init__(
        self, outbox: Outbox, sink: Sink, *, metrics: DirectoryMetrics, poll_s: float
    ) -> None:
        self._outbox = outbox
        self._sink = sink
        self._metrics = metrics
        self._poll_s = poll_s
        self._wake = asyncio.Event()
        self._is_connected = False
        self.complaint: str | None = None

    def wake(self) -> None:
        """Say that there is something to send."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                wait_s = await self._try(stop)
                await _pause(stop, wait_s, self._wake)
        finally:
            if self._is_connected:
                await self._sink.stop()

    async def _try(self, stop: asyncio.Event) -> float:
        try:
            if not self._is_connected and not await self._connect(stop):
                return 0.0
            while await self.run_once():
                pass
        except UnavailableError as error:
            self._metrics.publish_failed()
            self.complaint = "the broker or the database is away"
            log.warning("outbox.waiting", error=str(error))
            return _RETRY_S
        self.complaint = None
        return self._poll_s

    async def _connect(self, stop: asyncio.Event) -> bool:
        """Start the sink; give up when the process is to stop meanwhile."""
        start = asyncio.create_task(self._sink.start())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({start, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not start.done():
            start.cancel()
            with contextlib.suppress(asyncio.CancelledError, UnavailableError):
                await start
            return False
        await start
        self._is_connected = True
        return True

    async def run_once(self) -> int:
        """Publish one batch and return its size; what tests call."""
        async with self._outbox.oldest(_BATCH) as waiting:
            if not waiting:
                self._metrics.waiting(0)
                return 0
            await self._sink.publish(
                [Outgoing(one.topic, one.key.encode(), one.value.encode()) for one in waiting]
            )
            await self._outbox.remove(waiting)
        self._metrics.published(len(waiting))
        self._metrics.waiting(await self._outbox.count())
        return len(waiting)
