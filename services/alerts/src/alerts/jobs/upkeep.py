"""Upkeep of the outbox: its figures, and removal of what the log and the console have."""

import asyncio

from alerts.domain.ports import Outbox
from alerts.metrics import AlertMetrics
from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.observability.logging import get_logger

log = get_logger("alerts.upkeep")
LANES = ("publication", "console", "route", "message")


class Upkeep:
    """Measures every few seconds and purges now and then."""

    def __init__(
        self,
        outbox: Outbox,
        metrics: AlertMetrics,
        clock: Clock,
        *,
        keep_s: float,
        every_s: float = 10.0,
    ) -> None:
        self._outbox = outbox
        self._metrics = metrics
        self._clock = clock
        self._keep_s = keep_s
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.run_once()
            except UnavailableError as error:
                log.warning("outbox.unavailable", detail=str(error))
            try:
                await asyncio.wait_for(stop.wait(), self._every_s)
            except TimeoutError:
                continue

    async def run_once(self) -> None:
        now = self._clock.now().timestamp()
        depth = await self._outbox.depth(now)
        for lane in LANES:
            rows, age = depth.get(lane, (0, 0.0))
            self._metrics.outbox_depth.labels(lane).set(rows)
            self._metrics.outbox_age.labels(lane).set(age)
        await self._outbox.purge(now - self._keep_s)
