"""One lane of the outbox: claim, hand over, record the outcome.

The bell rings while the deciding transaction is still open, so a lane that was woken looks a few
times at short intervals until the commit shows. Nothing is lost if it does not: it polls as well.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from alerts.domain.policy import UPWARD
from alerts.domain.ports import Again, Dead, Item, Lane, Outbox, Outcome, Receipt
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.metrics import AlertMetrics
from shared.kernel.clock import Clock
from shared.kernel.errors import DeliveryError, UnavailableError
from shared.kernel.trace import trace_id
from shared.observability.logging import get_logger
from shared.observability.tracing import traced

log = get_logger("alerts.outbox")
_WRITE_AGAIN_S = (0.1, 0.4, 1.0)
_TO_PEOPLE: tuple[Lane, ...] = ("route", "message")
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
    send_timeout_s: float = 10.0
    """How long one whole delivery may take; shorter than the lease."""

    def now(self) -> float:
        return self.clock.now().timestamp()


class LaneRunner:
    """Works one lane until it is stopped; `deliver` returns None when it wrote the outcome."""

    def __init__(
        self,
        lane: Lane,
        deliver: Deliver,
        tools: Tools,
        *,
        batch: int = 8,
        retries: Retries | None = None,
    ) -> None:
        self.lane = lane
        self._deliver = deliver
        self._tools = tools
        self._outbox = tools.outbox
        self._batch = batch
        self._retries = retries or tools.retries
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
                self._woken.clear()  # a bell is no reason to hurry after what is away
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
        known = [(i, o) for i, o in zip(items, outcomes, strict=True) if o is not None]
        if known:
            await self._settle(known)
        return len(items)

    async def _settle(self, outcomes: Sequence[tuple[Item, Outcome]]) -> None:
        """Write the outcomes of a claim together; what providers have accepted is not lost lightly.

        Raises:
            UnavailableError: the database stayed away; the rows go out again after their lease.
        """
        for pause in _WRITE_AGAIN_S:
            try:
                await self._outbox.settle(outcomes, self._tools.now())
            except UnavailableError as error:
                log.warning("outbox.unwritten", lane=self.lane, detail=str(error))
                await asyncio.sleep(pause)
            else:
                return
        await self._outbox.settle(outcomes, self._tools.now())

    async def _attempt(self, item: Item) -> Outcome | None:
        """Hand one row over under its trace; what its sender does concerns this row alone."""
        with traced(item.traceparent):
            return await self._attempt_traced(item)

    async def _attempt_traced(self, item: Item) -> Outcome | None:
        channel = item.channel or self.lane
        try:
            async with asyncio.timeout(self._tools.send_timeout_s):
                receipt = await self._deliver(item)
        except DeliveryError as error:
            refusal = error
        except TimeoutError:
            refusal = DeliveryError("timeout", retry=True)
        except UnavailableError as error:
            refusal = DeliveryError("unavailable", retry=True, detail=str(error))
        except Exception as error:  # noqa: BLE001 - one row never stops the others
            kind = type(error).__name__  # its text may hold an address
            log.error(  # noqa: TRY400 - a trace may hold an address
                "outbox.sender_failed", lane=self.lane, key=item.key, kind=kind
            )
            refusal = DeliveryError("sender_failed", retry=True)
        else:
            if receipt is not None:
                self._tools.metrics.notifications.labels(channel, receipt.code).inc()
            return receipt
        self._tools.metrics.notifications.labels(channel, refusal.code).inc()
        return self._refused(item, refusal)

    def _refused(self, item: Item, error: DeliveryError) -> Again | Dead:
        pause = self._retries.pause_after(item.attempts, error, random.random())  # noqa: S311 - jitter
        fields = {"lane": self.lane, "key": item.key, "code": error.code, "attempt": item.attempts}
        if pause is None:
            above = UPWARD[item.tier] if item.tier and self.lane in _TO_PEOPLE else None
            log.error("outbox.dead", above=above, **fields)
            return Dead(error.code, above)
        log.warning("outbox.retry", pause_s=round(pause, 1), **fields)
        return Again(error.code, self._tools.now() + pause)


class PublicationRunner(LaneRunner):
    """The publication lane hands a whole claim to the broker at once, and keeps its order.

    One process publishes at a time; the others look whether its turn has become free.
    """

    def __init__(self, publish: Publish, tools: Tools, *, batch: int = 500) -> None:
        super().__init__("publication", _never, tools, batch=batch)
        self._publish = publish

    async def run_once(self) -> int:
        """Claim and publish one batch; return how many rows it had.

        Raises:
            UnavailableError: the broker or the database is away.
        """
        async with self._outbox.turn() as is_ours:
            return await self._publish_some() if is_ours else 0

    async def _publish_some(self) -> int:
        items = await self._outbox.claim(self.lane, self._batch, self._tools.now())
        if not items:
            return 0
        try:
            await self._publish(items)
        except UnavailableError:
            await self._give_back(items)
            raise
        await self._settle([(item, Receipt("acknowledged")) for item in items])
        self._tools.metrics.notifications.labels("publication", "acknowledged").inc(len(items))
        for item in items:
            trace = item.traceparent and trace_id(item.traceparent)
            log.info("alert.published", alert=item.alert, event_id=item.key, trace_id=trace)
        return len(items)

    async def _give_back(self, items: Sequence[Item]) -> None:
        """Leave rows due while the broker is away, so that no newer one overtakes them.

        The lane rests instead of the rows; the log is never given up.
        """
        log.warning("outbox.broker_away", rows=len(items))
        now = self._tools.now()
        await self._settle([(item, Again("broker_away", now)) for item in items])


async def _never(_item: Item) -> Receipt | None:
    raise NotImplementedError
