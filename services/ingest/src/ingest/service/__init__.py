"""The use cases of ingest. `IngestService.accept` is the one way in, for HTTP and for files."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from ingest.domain.decode import RawEvent
from ingest.domain.letters import Letter
from ingest.domain.results import EventResult, Fault
from ingest.domain.times import LATEST_EVENT, normalise, window_at
from ingest.service.feeds import FeedService, Grant
from ingest.service.prepare import Prepared, Preparer
from ingest.service.rounds import EventsJob, Rounds, TickJob
from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import ConflictError, RuleBrokenError
from shared.kernel.trace import begin

__all__ = ["Accepts", "IngestService", "RawEvent"]

_SLICE = 1_000
_FARTHEST_TICK = timedelta(days=400)


class Accepts(Protocol):
    """What a reader of files needs: events in, one result an event out."""

    async def accept(self, feed_id: str, raw_events: Sequence[RawEvent]) -> list[EventResult]:
        """Take events of a registered feed (CloudEvents JSON, student number as subject).

        Returns one result an event, in order, once the broker has acknowledged the accepted ones
        and their ids are recorded. Repeats of (source, id) are `duplicate`.

        Raises:
            NotFoundError: the feed is not registered.
            ServiceAwayError: broker or database is away; nothing was kept, send the same again.
        """
        ...


class IngestService:
    """Takes events, ticks and re-driven letters into the log; see `Rounds` for the promises."""

    def __init__(
        self,
        feeds: FeedService,
        preparer: Preparer,
        rounds: Rounds,
        clock: Clock,
        *,
        max_future_s: float | None,
    ) -> None:
        self._feeds, self._preparer, self._rounds = feeds, preparer, rounds
        self._clock, self._max_future_s = clock, max_future_s

    async def accept(self, feed_id: str, raw_events: Sequence[RawEvent]) -> list[EventResult]:
        """Take events of a registered feed; see `Accepts`."""
        return await self.accept_as(self._feeds.grant(feed_id), raw_events)

    async def accept_as(
        self, grant: Grant, raw_events: Sequence[RawEvent], trace: str | None = None
    ) -> list[EventResult]:
        """Take events under a grant, which may be narrower than its feed.

        `trace` is the request's traceparent; a file's batch begins one of its own.
        """
        now = self._clock.now()
        window = window_at(now, self._max_future_s)
        prepared, trace = Prepared(grant.feed, []), trace or begin()
        for start in range(0, len(raw_events), _SLICE):
            if start:
                await asyncio.sleep(0)  # let others in: a slice takes some ten milliseconds
            self._preparer.extend(
                prepared,
                raw_events[start : start + _SLICE],
                allowed=grant.allowed,
                window=window,
                now=now,
                trace=trace,
            )
        return await self._run(prepared)

    async def _run(self, prepared: Prepared) -> list[EventResult]:
        job = EventsJob(prepared)
        if job.size:
            await self._rounds.run(job)
        return job.results

    async def redrive(self, letter: Letter, raw: bytes) -> EventResult:
        """Take a dead letter's event: as its feed sent it, or as a later stage could not read it.

        An event that ingest itself refused is handled as if sent now. One that a later stage
        refused has a pseudonym already and was accepted once, so it is published again as it is;
        that stage drops it if it was applied meanwhile.
        """
        if letter.stage == "ingest":
            return await self._again(letter, raw)
        prepared = self._preparer.pseudonymous(letter.feed, raw)
        if isinstance(prepared, Fault):
            raise ConflictError(
                "not_an_event", f"the payload is no campus event: {prepared.reason}"
            )
        return (await self._run(prepared))[0]

    async def _again(self, letter: Letter, raw: bytes) -> EventResult:
        """Accept one event as if sent now, without a second letter when it is still refused."""
        grant, now = self._feeds.grant(letter.feed), self._clock.now()
        prepared = Prepared(letter.feed, [])
        self._preparer.extend(
            prepared,
            [raw],
            allowed=grant.allowed,
            window=window_at(now, self._max_future_s),
            now=now,
            trace=letter.traceparent or begin(),
        )
        prepared.letters.clear()
        return (await self._run(prepared))[0]

    async def tick(self, time: str) -> list[str]:
        """Publish a tick for a moment (and those due before it); none if time has passed it.

        Raises:
            RuleBrokenError: not a time, or so far ahead that no later event could cause a tick.
        """
        wire = normalise(time)
        if wire is None:
            raise RuleBrokenError("bad_time", "not an RFC 3339 time with an offset", field="time")
        reached = self._rounds.ledger.clock.reached or format_utc(self._clock.now())
        if not self._rounds.is_event_time:
            reached = max(reached, format_utc(self._clock.now()))
        if wire > LATEST_EVENT or parse_utc(wire) - parse_utc(reached) > _FARTHEST_TICK:
            raise RuleBrokenError(
                "time_too_far",
                f"more than {_FARTHEST_TICK.days} days after {reached}",
                field="time",
            )
        job = TickJob(wire)
        await self._rounds.run(job)
        return job.published

    async def tick_by_clock(self) -> list[str]:
        """Publish the tick of the newest boundary by the wall clock, once."""
        job = TickJob(self._rounds.boundaries.last_before(self._clock.now()))
        await self._rounds.run(job)
        return job.published
