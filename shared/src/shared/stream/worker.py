"""The one worker loop: poll, handle, publish, save with the bookmarks, commit.

    worker = Worker(
        source=KafkaSource(settings.kafka_bootstrap_servers, [CAMPUS_EVENTS],
                           group="lantern.features.v1", prefix=settings.topic_prefix,
                           instance=settings.instance),
        sink=KafkaSink(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix),
        handler=handler,                          # shared.stream.ports.Handler
        group="lantern.features.v1",
        policy=SavePolicy.every(5.0),             # .stateless() needs no database and no bookmarks
        database=database,
        bookmarks=Bookmarks(metadata),
        dead_letters=DeadLetters("features", sealer, clock),
        clock=clock,
        metrics=StreamMetrics(registry),
    )
    worker.add_checks(health)                     # liveness and readiness
    Service(..., runners={"stream": worker.run})

A round is handle -> publish (acknowledged) -> when due, one transaction of `handler.save` and the
bookmarks, fenced by epoch -> group offsets. What happens when a step fails:

* `BackpressureError` from `handle`: the batch is held and offered again; partitions are paused
  after a while.
* `FencedError`, `UnavailableError` while saving or taking over, a stall of the client: all that is
  in memory is forgotten, the client is made anew and reading goes on from the stored bookmarks.
* publishing fails for good: the process ends (`UndeliveredError`), and so does anything unforeseen.
"""

import asyncio
import random
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    BackpressureError,
    ConfigError,
    FencedError,
    LanternError,
    UnavailableError,
)
from shared.observability.logging import get_logger
from shared.stream.backpressure import Backpressure
from shared.stream.dead_letters import DeadLetters
from shared.stream.metrics import StreamMetrics
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handled, Handler, Partition, Records, Sink, Source
from shared.stream.tenure import Tenure, place_of
from shared.stream.watchdog import Watchdog, WatchdogLimits
from shared.web.health import Health

log = get_logger("stream.worker")


class UndeliveredError(LanternError):
    """A batch could not be published: the process ends, so that the batch is read again."""


@dataclass(frozen=True)
class Limits:
    """The bounds of a worker; the drain budget is below the grace period of the orchestrator."""

    max_records: int = 5_000
    poll_timeout_s: float = 0.1
    drain_budget_s: float = 20.0
    pause_after_s: float = 5.0
    commit_interval_s: float = 1.0
    restarts: int = 8
    watchdog: WatchdogLimits = field(default_factory=WatchdogLimits)


class Worker:
    """Drives one handler from one source; see the module's text for the order of a round."""

    def __init__(  # noqa: PLR0913 - the parts of a worker, all named
        self,
        *,
        source: Source,
        sink: Sink,
        handler: Handler,
        group: str,
        policy: SavePolicy,
        clock: Clock,
        database: Database | None = None,
        bookmarks: Bookmarks | None = None,
        dead_letters: DeadLetters | None = None,
        metrics: StreamMetrics | None = None,
        limits: Limits | None = None,
    ) -> None:
        if policy.keeps_bookmarks and (database is None or bookmarks is None):
            raise ConfigError(group, f"policy {policy.kind} needs a database and bookmarks")
        self.group = group
        self._source = source
        self._sink = sink
        self._handler = handler
        self._policy = policy
        self._clock = clock
        self._database = database
        self._bookmarks = bookmarks
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._limits = limits or Limits()
        self._tenure = Tenure()
        self._turn = asyncio.Lock()  # one round or one hand-over at a time; never held over a poll
        self._pressure = Backpressure(source, clock, pause_after_s=self._limits.pause_after_s)
        self._watchdog = Watchdog(clock, self._limits.watchdog)
        self._last_save = self._last_commit = clock.monotonic()
        self._uncommitted: dict[Partition, int] = {}
        self._restarts = 0
        self._overrun = False

    # --- life -----------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain; a failure is raised once the clients are closed."""
        try:
            if await _unless(stop, self.start()):
                while not stop.is_set():
                    await self.run_once()
                await self.drain()
        finally:
            await self.close()

    async def start(self) -> None:
        await self._sink.start()
        await self._source.start(self)

    async def close(self) -> None:
        """Leave the group and close the clients, without saving."""
        try:
            await self._source.stop()
        finally:
            await self._sink.stop()

    async def drain(self) -> None:
        """Save and commit all that was handled, within the drain budget."""
        await self.revoked(self._tenure.partitions)

    # --- one round ------------------------------------------------------------------------------

    async def run_once(self, timeout_s: float | None = None) -> int:
        """Handle one batch and return its size; what tests call."""
        try:
            records, generation = await self._next(
                self._limits.poll_timeout_s if timeout_s is None else timeout_s
            )
            async with self._turn:
                return await self._round(self._tenure.keep(records, generation), generation)
        except FencedError as error:
            await self._begin_again("fenced", error)
        except UnavailableError as error:
            await self._begin_again("unavailable", error)
        return 0

    async def _next(self, timeout_s: float) -> tuple[Records, int]:
        if self._overrun:
            raise FencedError("a hand-over took longer than the drain budget")
        if self._pressure.is_on:
            return await self._pressure.held(self._tenure.partitions)
        records = await self._source.poll(timeout_s, self._limits.max_records)
        # no await between the poll's return and this line: the generation is that of the records
        generation = self._tenure.generation
        await self._observe(records)
        return records, generation

    async def _round(self, records: Records, generation: int) -> int:
        """Handle and publish one batch, then save when due. The caller holds the turn."""
        began = self._clock.monotonic()
        try:
            handled = await (self._handler.handle(records) if records else self._idle())
        except BackpressureError:
            self._pressure.hold(records, generation)
            self._note_pressure()
            return 0
        if self._pressure.is_on:
            self._pressure.release()
            self._note_pressure()
        await self._publish(records, handled)
        if records:
            self._tenure.handled(records)
            if self._metrics:
                self._metrics.handled(self.group, records, self._clock.monotonic() - began)
        if self._policy.is_due(
            unsaved=self._tenure.unsaved_records,
            since_save_s=self._clock.monotonic() - self._last_save,
        ):
            await self._save(self._tenure.unsaved())
        return len(records)

    async def _idle(self) -> Handled:
        return await self._handler.idle() if self._tenure.partitions else Handled()

    async def _publish(self, records: Records, handled: Handled) -> None:
        outgoing = handled.outgoing
        if handled.rejected:
            if self._dead_letters is None:
                raise LanternError(f"{self.group} rejects records but has no dead letters")
            self._dead_letters.limit.add(len(records), handled.rejected)
            outgoing = [*outgoing, *self._dead_letters.outgoing(handled.rejected)]
        elif self._dead_letters is not None and records:
            self._dead_letters.limit.add(len(records), ())
        if not outgoing:
            return
        try:
            await self._sink.publish(outgoing)
        except UnavailableError as error:
            raise UndeliveredError(f"{self.group}: {error}") from error
        if handled.rejected and self._dead_letters is not None:
            self._dead_letters.report(handled.rejected)
        if self._metrics:
            self._metrics.published.labels(self.group).inc(len(outgoing))
            for each in handled.rejected:
                self._metrics.dead_letters.labels(self.group, each.reason).inc()

    async def _save(self, offsets: Mapping[Partition, int]) -> None:
        """Store effects and bookmarks in one transaction, then tell the group."""
        began = self._last_save = self._clock.monotonic()
        outcome = "failed"
        try:
            if self._database is not None and self._bookmarks is not None:
                places = {place_of(p): offset for p, offset in offsets.items()}
                async with self._database.write() as connection:
                    epochs = self._tenure.epochs(offsets)
                    await self._bookmarks.fence(connection, self.group, epochs)
                    await self._handler.save(connection, sorted(offsets))
                    await self._bookmarks.advance(connection, self.group, places)
            outcome = "saved"
        except FencedError:
            outcome = "fenced"
            raise
        finally:
            if self._metrics:
                self._metrics.saves.labels(self.group, outcome).inc()
                self._metrics.save_seconds.labels(self.group).observe(
                    self._clock.monotonic() - began
                )
        self._restarts = 0
        self._tenure.saved(offsets)
        self._uncommitted.update(offsets)
        await self._commit(at_once=not self._policy.keeps_bookmarks)

    async def _commit(self, *, at_once: bool) -> None:
        """Commit group offsets; with bookmarks they serve lag tools only, so not every batch."""
        now = self._clock.monotonic()
        if at_once or now - self._last_commit >= self._limits.commit_interval_s:
            offsets, self._uncommitted = self._uncommitted, {}
            self._last_commit = now
            await self._source.commit(offsets)

    # --- partitions come and go -----------------------------------------------------------------

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Claim partitions, let the handler load them, and say where to read on."""
        async with self._turn:
            epochs, positions = await self._claim(partitions)
            self._tenure.take(epochs, positions)
            await self._handler.assigned(sorted(partitions))
        self._watchdog_note()
        log.info("stream.assigned", group=self.group, partitions=len(partitions))
        return positions

    async def _claim(
        self, partitions: Sequence[Partition]
    ) -> tuple[dict[Partition, int], dict[Partition, int]]:
        if self._database is None or self._bookmarks is None:
            return dict.fromkeys(partitions, 0), {}
        by_place = {place_of(p): p for p in partitions}
        async with self._database.write() as connection:
            claims = await self._bookmarks.claim(connection, self.group, by_place.keys())
        epochs = {by_place[place]: claim.epoch for place, claim in claims.items()}
        positions = {
            by_place[place]: claim.next_offset
            for place, claim in claims.items()
            if claim.next_offset is not None
        }
        return epochs, positions

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        """Finish the round, save and commit what these partitions hold, all in one budget."""
        try:
            async with asyncio.timeout(self._limits.drain_budget_s), self._turn:
                await self._save_last(partitions)
                await self._let_go(partitions)
        except TimeoutError:
            # The round in work still owns the handler's state: it is forgotten when it ends.
            self._overrun = True
            log.error(  # noqa: TRY400 - the trace says nothing
                "stream.drain_overrun", group=self.group, partitions=len(partitions)
            )

    async def _save_last(self, partitions: Sequence[Partition]) -> None:
        offsets = self._tenure.unsaved(partitions)
        if not offsets:
            return
        try:
            await self._save(offsets)
            await self._commit(at_once=True)
        except (FencedError, UnavailableError, BackpressureError) as error:
            log.warning("stream.last_save_failed", group=self.group, reason=str(error))

    async def _let_go(self, partitions: Sequence[Partition]) -> None:
        gone = self._tenure.drop(partitions)
        for partition in gone:
            self._uncommitted.pop(partition, None)
        if self._pressure.is_on:
            self._pressure.release()
        if gone:
            await self._handler.revoked(sorted(gone))
            if self._metrics:
                self._metrics.forget(self.group, gone)

    async def _begin_again(self, reason: str, error: Exception) -> None:
        """Forget what is in memory and read on from the bookmarks, with a new client."""
        self._restarts += 1
        if self._restarts > self._limits.restarts:
            raise error
        log.warning("stream.begin_again", group=self.group, reason=reason, detail=str(error))
        if self._metrics:
            self._metrics.restarts.labels(self.group, reason).inc()
        async with self._turn:
            await self._let_go(self._tenure.partitions)
            self._overrun = False
        await self._source.stop()  # without the turn: the client may be waiting for it
        await self._clock.sleep(min(0.1 * 2**self._restarts, 10.0) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        await self._source.start(self)

    # --- health ---------------------------------------------------------------------------------

    async def _observe(self, records: Records) -> None:
        lag = self._source.lag()
        behind = sum(lag.values())
        if self._metrics:
            self._metrics.set_lag(self.group, lag)
            self._metrics.oldest.labels(self.group).set(self._age(records))
        stall = self._watchdog.judge(
            received=len(records), lag=behind, silence_s=self._source.silence_s()
        )
        if stall is not None:
            self._watchdog.recreated()
            raise UnavailableError(f"the client stands still: {stall}")

    def _age(self, records: Records) -> float:
        stamps = [_timestamp_ms(run.raw[0]) for run in records.runs]
        if not stamps:
            return 0.0
        return max(0.0, self._clock.now().timestamp() - min(stamps) / 1000)

    def _watchdog_note(self) -> None:
        self._last_save = self._clock.monotonic()

    def _note_pressure(self) -> None:
        if self._metrics:
            self._metrics.paused.labels(self.group).set(float(self._pressure.is_paused))

    def add_checks(self, health: Health) -> None:
        """Add liveness (progress) and readiness (assigned) under the group's name."""
        health.add("live", self.group, self._watchdog.complaint)
        health.add("ready", self.group, self._assigned_complaint)

    def _assigned_complaint(self) -> str | None:
        return None if self._tenure.partitions else "no partition is assigned"


def _timestamp_ms(raw: object) -> int:
    stamp = getattr(raw, "timestamp", None)
    return int(getattr(raw, "timestamp_ms", 0) if stamp is None else stamp)


async def _unless(stop: asyncio.Event, start: Awaitable[None]) -> bool:
    """Run `start` unless `stop` is set first; return whether it finished."""
    starting = asyncio.ensure_future(start)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            return True
        return False
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
