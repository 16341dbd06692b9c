"""Rounds: what waits is published together, then recorded together, then answered.

One round at a time, so that the log has one order: an event that is in a round cannot be accepted
by another, a tick stands before the first event that crosses its boundary, and a round is recorded
only after the broker acknowledged it. While a round waits for the broker the next one gathers.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ingest.domain.feed import Feed
from ingest.domain.ledger import Counts, Draft, FeedBook, Ledger
from ingest.domain.ports import Entry, EventLog, LedgerStore, Observer
from ingest.domain.results import EventResult
from ingest.domain.seen import SeenSet
from ingest.domain.status import state_at, state_of
from ingest.domain.tick_record import TICK_KEY, make_tick
from ingest.domain.ticks import NEVER, Boundaries
from ingest.domain.times import CampusDays
from ingest.service.prepare import Prepared
from shared.contracts.codec import encode
from shared.contracts.feed import FeedState
from shared.kernel.clock import Clock
from shared.kernel.errors import ServiceAwayError, UnavailableError

TickMode = Literal["wall", "event"]
_RETRY_AFTER_S = 5


@dataclass(frozen=True)
class RoundPolicy:
    """When ticks are due, how much one round takes, how much may wait, how many ticks fill a gap.

    `mode` `wall`: a job ticks by the clock; `event`: accepted events tick as they pass boundaries.
    Rounds begin at least `gather_s` apart, so that small requests share one; the first of a quiet
    time does not wait, nor does one that is large enough by itself.
    """

    mode: TickMode
    boundaries: Boundaries
    events_in_round: int = 10_000
    gather_s: float = 0.0
    events_worth_a_round: int = 500
    events_waiting: int = 100_000
    ticks_in_gap: int = 400


class Job(Protocol):
    """Something that a round does."""

    size: int

    def fill(self, page: "Page") -> None:
        """Enter what is to be published and recorded."""
        ...


class Page:
    """One round in the making: what will be published, and the draft of the books."""

    def __init__(self, rounds: "Rounds", now: datetime) -> None:
        self.rounds = rounds
        self.now = now
        self.entries: list[Entry] = []
        self.draft = Draft(now.date(), rounds.ledger.clock, rounds.ledger.clock)
        self.fresh: set[bytes] = set()
        self.ticks: list[str] = []

    def tick(self, time: str) -> None:
        """Enter a tick at `time`, with the books as they stand at this place of the log."""
        rounds, feeds = self.rounds, self.rounds.feeds()
        books = rounds.ledger.preview((feed.id for feed in feeds), self.draft)
        tick = make_tick(
            time, feeds, books, zone=rounds.boundaries.zone, state_of=self._state(time)
        )
        self.entries.append(Entry("tick", TICK_KEY, encode(tick)))
        self.draft.clock = self.draft.clock.ticked(time)
        self.ticks.append(time)

    def _state(self, time: str) -> Callable[[Feed, FeedBook], FeedState]:
        """Judge by event time in a replay, by the wall clock when live."""
        if self.rounds.mode == "event":
            started = self.draft.clock.started
            return lambda feed, book: state_at(book.last_event, feed.cadence_s, started, time)
        return lambda feed, book: state_of(
            book.sightings, feed.cadence_s, feed.registered_at, self.now
        )


class EventsJob:
    """Publishes the events of one request that were not seen before."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.size = len(prepared.results)
        self.results: list[EventResult] = prepared.results

    def fill(self, page: Page) -> None:
        prepared, rounds, draft, entries = self.prepared, page.rounds, page.draft, page.entries
        results = self.results = list(prepared.results)
        known, fresh, day_of = rounds.seen.known, page.fresh, rounds.days.day
        change = draft.change(prepared.feed)
        days, digests = change.days, draft.digests
        due, newest = rounds.next_due(draft), change.last_event or ""
        accepted = duplicate = 0
        for place, digest, key, value, time in prepared.candidates:
            if (digest in known or digest in fresh) and not prepared.forced:
                results[place] = EventResult("duplicate", results[place].id)
                duplicate += 1
                continue
            if time >= due:
                _enter(change, accepted, newest)
                accepted = 0
                for boundary in rounds.due_by(draft, time):
                    page.tick(boundary)
                draft.clock = draft.clock.seen(time)
                due = rounds.next_due(draft)
            fresh.add(digest)
            digests.append(digest)
            entries.append(Entry("events", key, value))
            day = day_of(time)
            days[day] = days.get(day, 0) + 1
            accepted += 1
            newest = max(newest, time)
        _enter(change, accepted, newest)
        if newest:
            draft.clock = draft.clock.seen(newest)
        rejected = len(results) - len(prepared.candidates)
        change.counts += Counts(duplicate=duplicate, rejected=rejected)
        change.last_received = page.now if prepared.candidates else change.last_received
        entries.extend(prepared.letters)


def _enter(change: FeedBook, accepted: int, newest: str) -> None:
    change.counts += Counts(accepted=accepted)
    change.last_event = newest or None


class TickJob:
    """Publishes a tick for a moment, unless one as late was published already."""

    size = 1

    def __init__(self, time: str) -> None:
        self.time = time
        self.published: list[str] = []

    def fill(self, page: Page) -> None:
        self.published = []
        last = page.draft.clock.last_tick
        if last is not None and self.time <= last:
            return
        times = list(page.rounds.due_by(page.draft, self.time)) if page.rounds.is_event_time else []
        if not times or times[-1] != self.time:
            times.append(self.time)
        for time in times:
            page.tick(time)
        self.published = times


class Rounds:
    """Runs rounds for as long as something waits."""

    def __init__(
        self,
        log: EventLog,
        store: LedgerStore,
        clock: Clock,
        observer: Observer,
        *,
        ledger: Ledger,
        seen: SeenSet,
        feeds: Callable[[], Sequence[Feed]],
        policy: RoundPolicy,
    ) -> None:
        self._log, self._store, self._clock = log, store, clock
        self.observer, self.ledger, self.seen = observer, ledger, seen
        self.boundaries, self.feeds, self.mode = policy.boundaries, feeds, policy.mode
        self.days = CampusDays(policy.boundaries.zone)
        self._policy = policy
        self._waiting: list[tuple[Job, asyncio.Future[None]]] = []
        self._size = 0
        self._worth_it = asyncio.Event()
        self._round_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None

    @property
    def is_event_time(self) -> bool:
        return self.mode == "event"

    def next_due(self, draft: Draft) -> str:
        """Return the time from which an event needs attention: a boundary, or the first of all."""
        if not self.is_event_time:
            return NEVER
        return self.boundaries.next_due(draft.clock) if draft.clock.reached else ""

    def due_by(self, draft: Draft, time: str) -> Sequence[str]:
        return list(self.boundaries.between(draft.clock, time, self._policy.ticks_in_gap))

    async def run(self, job: Job) -> None:
        """Have a job done by the next round.

        Raises:
            ServiceAwayError: too much waits, or the broker or database is away; nothing was kept.
        """
        if self.failure is not None:
            raise ServiceAwayError(self.failure, retry_after_s=_RETRY_AFTER_S)
        if self._size + job.size > max(self._policy.events_waiting, job.size):
            raise ServiceAwayError("too many events wait for the broker", retry_after_s=1)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        self._size += job.size
        if self._size >= self._policy.events_worth_a_round:
            self._worth_it.set()
        if self._task is None:
            self._task = asyncio.create_task(
                self._drain(), name="ingest.rounds", context=Context()
            )  # a round is of many requests: it logs under the id of none
        await asyncio.shield(done)

    async def idle(self) -> None:
        """Return when nothing waits any more."""
        while self._task is not None:
            await asyncio.wait({self._task})

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                await self._round(self._take())
        except BaseException:
            self._give_up()
            raise
        finally:
            self._task = None

    def _give_up(self) -> None:
        """Answer who waits for a round that will not come; nothing of theirs was kept."""
        waiting, self._waiting, self._size = self._waiting, [], 0
        for _, done in waiting:
            _fail(
                done, ServiceAwayError(self.failure or "ingest stops", retry_after_s=_RETRY_AFTER_S)
            )

    async def _gather(self) -> None:
        """Let small requests wait for each other, until the beat of rounds."""
        left = self._round_at + self._policy.gather_s - self._clock.monotonic()
        if left > 0 and self._size < self._policy.events_worth_a_round:
            self._worth_it.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._worth_it.wait(), left)
        self._round_at = self._clock.monotonic()

    def _take(self) -> list[tuple[Job, asyncio.Future[None]]]:
        """Take the jobs of the next round: at least one, then as many as fit."""
        size = count = 0
        for job, _ in self._waiting:
            if count and size + job.size > self._policy.events_in_round:
                break
            size, count = size + job.size, count + 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        self._size -= size
        return taken

    async def _round(self, jobs: Sequence[tuple[Job, asyncio.Future[None]]]) -> None:
        started, finished = self._clock.monotonic(), False
        error: Exception = ServiceAwayError("the round failed", retry_after_s=_RETRY_AFTER_S)
        try:
            page = Page(self, self._clock.now())
            for job, _ in jobs:
                job.fill(page)
            await self._commit(page)
            finished = True
        except UnavailableError as away:
            error = ServiceAwayError(
                f"{away}; nothing was kept, send the same again", retry_after_s=_RETRY_AFTER_S
            )
        except BaseException as bug:
            self.failure = f"ingest stopped: {type(bug).__name__}"
            raise
        finally:
            for _, done in jobs:
                if done.done():
                    continue
                if finished:
                    done.set_result(None)
                else:
                    _fail(done, error)
        self.observer.round_done(
            sum(job.size for job, _ in jobs), len(jobs), self._clock.monotonic() - started
        )

    async def _commit(self, page: Page) -> None:
        """Publish, then record, then enter: a crash in between is mended by the client's resend."""
        if page.entries:
            await self._log.append(page.entries)
        draft = page.draft
        if draft.digests or draft.changes or draft.clock != self.ledger.clock:
            await self._store.save(draft)
        self.ledger.enter(draft)
        self.seen.add(draft.received_on, draft.digests)
        for time in page.ticks:
            self.observer.ticked(time)
        for feed, change in draft.changes.items():
            counts = change.counts
            self.observer.results(feed, counts.accepted, counts.duplicate, counts.rejected)


def _fail(done: "asyncio.Future[None]", error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # the caller may have gone away
