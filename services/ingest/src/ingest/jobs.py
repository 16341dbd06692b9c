"""What the clock asks of ingest: ticks, feed status, and forgetting."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol

from ingest.domain.ports import Entry, EventLog, LedgerStore
from ingest.domain.seen import SeenSet
from ingest.service import IngestService
from ingest.service.feeds import FeedService
from ingest.service.rounds import Rounds
from ingest.service.statuses import Statuses
from shared.contracts.codec import encode
from shared.contracts.feed import FeedStatus
from shared.kernel.clock import Clock
from shared.kernel.errors import LanternError, ServiceAwayError, UnavailableError
from shared.observability.logging import get_logger

log = get_logger("ingest.jobs")


class FeedGauges(Protocol):
    """Where feed health is shown besides the topic."""

    def feed(
        self, feed: str, state: str, lag_s: float | None, yield_share: float | None
    ) -> None: ...

    def remembered(self, digests: int) -> None: ...


async def every(
    interval_s: float, stop: asyncio.Event, *, work: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    """Do work at once and then every `interval_s` until `stop` is set.

    A broker or database that is away is logged, and the work is tried again next time.
    """
    while not stop.is_set():
        try:
            await work()
        except (UnavailableError, ServiceAwayError) as error:
            log.warning("job.postponed", why=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval_s)


class StatusJob:
    """Publishes a feed's status when its state changes, and all of them every so often."""

    def __init__(
        self,
        feeds: FeedService,
        statuses: Statuses,
        event_log: EventLog,
        clock: Clock,
        *,
        gauges: FeedGauges,
        interval_s: float,
    ) -> None:
        self._feeds, self._statuses, self._log = feeds, statuses, event_log
        self._gauges, self._clock, self._interval_s = gauges, clock, interval_s
        self._states: dict[str, str] = {}
        self._due = clock.monotonic()

    async def run_once(self) -> list[FeedStatus]:
        """Publish what is due; return it."""
        await self._feeds.refresh()
        statuses, now = self._statuses.all(), self._clock.monotonic()
        is_due = now >= self._due
        changed = [s for s in statuses if self._states.get(s.feed) != s.state]
        chosen = statuses if is_due else changed
        await self._publish(chosen)
        if is_due:
            self._due = now + self._interval_s
        for status in changed:
            before = self._states.get(status.feed)
            log.info("feed.status", feed=status.feed, state=status.state, before=before)
        self._states = {status.feed: status.state for status in statuses}
        for s in statuses:
            self._gauges.feed(s.feed, s.state, s.lag_s, s.yield_share)
        return chosen

    async def _publish(self, statuses: list[FeedStatus]) -> None:
        if statuses:
            await self._log.append([Entry("status", s.feed, encode(s)) for s in statuses])


class ForgetJob:
    """Drops what lies beyond the horizon of idempotency."""

    def __init__(
        self, seen: SeenSet, store: LedgerStore, gauges: FeedGauges, clock: Clock, *, days: int
    ) -> None:
        self._seen, self._store, self._gauges = seen, store, gauges
        self._clock, self._days = clock, days

    async def run_once(self) -> int:
        today = self._clock.now().date()
        early = self._seen.forget(today)
        gone = await self._store.forget(today - timedelta(days=self._days))
        if early:
            log.info("ids.forgotten", days=[day.isoformat() for day in early], rows=gone)
        self._gauges.remembered(len(self._seen))
        return gone


async def watch(rounds: Rounds, stop: asyncio.Event, interval_s: float = 0.5) -> None:
    """End the process when rounds stopped by a fault; let what waits finish on shutdown."""
    while not stop.is_set():
        if rounds.failure is not None:
            raise LanternError(rounds.failure)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), interval_s)
    await rounds.idle()


async def tick(service: IngestService) -> None:
    """Publish the tick of the newest boundary of the wall clock, if it is not out yet."""
    for time in await service.tick_by_clock():
        log.info("tick.published", time=time)
