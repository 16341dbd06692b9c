"""One lane of the outbox: claim, hand over, record the outcome.

The bell rings while the deciding transaction is still open, so a lane that was woken looks a few
times at short intervals until the commit shows. Nothing is lost if it does not: it polls as well.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from alerts.domain.ports import Item, Lane, LaterError, Outbox, Receipt
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.metrics import AlertMetrics
from shared.kernel.clock import Clock
from shared.kernel.errors import DeliveryError, UnavailableError
from shared.observability.logging import get_logger

log = get_logger("alerts.outbox")
_QUICK_LOOKS_S = (0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.3)
Deliver = Callable[[Item], Awaitable[Receipt | None]]
Publish = Callable[[Sequence[Item]], Awaitable[None]]


@dataclass(frozen=True)
class Tools:
    """What every lane works with."""

    outbox: Outbox
    bell: Bell
    clock: Clock
    metrics: AlertMetrics
    retries: Retries
    poll_s: float = 1.0

    def now(self) -> float:
        return self.clock.now().timestamp()


class LaneRunner:
    """Works one lane until it is stopped; `deliver` returns None when it wrote the outcome."""

    def __init__(self, lane: Lane, deliver: Deliver, tools: Tools, *, batch: int = 8) -> None:
        self.lane = lane
        self._deliver = deliver
        self._tools = tools
        self._outbox = tools.outbox
        self._batch = batch
        self._woken = tools.bell.listener()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                for pause in _QUICK_LOOKS_S if self._woken.is_set() else (0.0,):
                    if pause:
                        await asyncio.sleep(pause)
                    self._woken.clear()
                    while not stop.is_set() and await self.run_once():
                        pass
                    if self._woken.is_set():
                        break
            except UnavailableError as error:
                log.warning("outbox.unavailable", lane=self.lane, detail=str(error))
            await self._rest(stop)

    async def _rest(self, stop: asyncio.Event) -> None:
        waits = [asyncio.create_task(each.wait()) for each in (self._woken, stop)]
        try:
            await asyncio.wait(
                waits, timeout=self._tools.poll_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()

    async def run_once(self) -> int:
        """Claim and hand over one batch; return how many rows it had."""
        items = await self._outbox.claim(self.lane, self._batch, self._tools.now())
        outcomes = await asyncio.gather(*(self._attempt(item) for item in items))
        done = [(i, r) for i, r in zip(items, outcomes, strict=True) if r is not None]
        if done:
            await self._outbox.sent([i for i, _ in done], [r for _, r in done], self._tools.now())
        return len(items)

    async def _attempt(self, item: Item) -> Receipt | None:
        channel = item.channel or self.lane
        try:
            receipt = await self._deliver(item)
        except DeliveryError as error:
            self._tools.metrics.notifications.labels(channel, error.code).inc()
            await self._failed(item, error)
            return None
        if receipt is not None:
            self._tools.metrics.notifications.labels(channel, receipt.code).inc()
        return receipt

    async def _failed(self, item: Item, error: DeliveryError) -> None:
        pause = self._tools.retries.pause_after(item.attempts, error, random.random())  # noqa: S311 - jitter
        fields = {"lane": self.lane, "key": item.key, "code": error.code, "attempt": item.attempts}
        if pause is None:
            log.error("outbox.dead", **fields)
            await self._outbox.dead(item, error.code, self._tools.now())
            return
        log.warning("outbox.retry", pause_s=round(pause, 1), **fields)
        await self._outbox.retry(item, error.code, self._tools.now() + pause)


class PublicationRunner(LaneRunner):
    """The publication lane hands a whole claim to the broker at once, and keeps its order."""

    def __init__(self, publish: Publish, tools: Tools, *, batch: int = 500) -> None:
        super().__init__("publication", _never, tools, batch=batch)
        self._publish = publish

    async def run_once(self) -> int:
        items = await self._outbox.claim(self.lane, self._batch, self._tools.now())
        if not items:
            return 0
        try:
            await self._publish(items)
        except UnavailableError as error:
            await self._held(items, str(error))
            return 0
        receipts = [Receipt("acknowledged")] * len(items)
        await self._outbox.sent(items, receipts, self._tools.now())
        self._tools.metrics.notifications.labels("publication", "acknowledged").inc(len(items))
        return len(items)

    async def _held(self, items: Sequence[Item], detail: str) -> None:
        """Hold rows while the broker is away: the log is never given up, attempts have no limit."""
        log.warning("outbox.broker_away", rows=len(items), detail=detail)
        later = LaterError("broker_away", after_s=self._tools.poll_s)
        for item in items:
            pause = Retries(2**30, 0.5, 30.0).pause_after(item.attempts, later, 1.0)
            await self._outbox.retry(item, later.code, self._tools.now() + (pause or 1.0))


async def _never(_item: Item) -> Receipt | None:
    raise NotImplementedError
