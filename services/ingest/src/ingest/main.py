"""The composition root of ingest: `build(settings)` joins the parts, and nothing runs before."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from ingest import jobs, routes, tables
from ingest.config import Settings
from ingest.domain.keys import letter_key_from, pepper_from
from ingest.domain.ledger import Ledger
from ingest.domain.seen import SeenSet
from ingest.domain.ticks import Boundaries
from ingest.metrics import IngestMetrics
from ingest.readers.assembly import Imports, build_imports
from ingest.repository import FeedRepository, LedgerRepository, LetterRepository
from ingest.repository.letters import put
from ingest.service import IngestService
from ingest.service.feeds import FeedService
from ingest.service.file_path import FileAcceptPath
from ingest.service.letters import LetterService
from ingest.service.prepare import Preparer
from ingest.service.rounds import RoundPolicy, Rounds
from ingest.service.statuses import Statuses
from ingest.worker import LetterHandler, NoSink, SinkLog
from shared import lifecycle
from shared.auth.api_keys import ApiKeys
from shared.auth.http import Authenticate, build_authenticator
from shared.contracts.topics import CAMPUS_EVENTS_DEAD
from shared.crypto.keys import required_key
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import Clock, SystemClock
from shared.stream.kafka.admin import declare_topics
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource
from shared.stream.metrics import StreamMetrics
from shared.stream.policy import SavePolicy
from shared.stream.ports import Sink
from shared.stream.worker import Worker
from shared.web.app import create_app
from shared.web.health import Health

GROUP = "lantern.ingest.letters.v1"
_MIGRATIONS = Path(__file__).parent / "migrations"
_HOUR_S = 3600.0
Resource = Callable[[], AbstractAsyncContextManager[object]]


@dataclass
class Parts:
    """What `build` joined; tests reach in here."""

    settings: Settings
    clock: Clock
    database: Database
    sink: Sink
    log: SinkLog
    ledger_store: LedgerRepository
    ledger: Ledger
    seen: SeenSet
    policy: RoundPolicy
    feeds: FeedService
    rounds: Rounds
    service: IngestService
    statuses: Statuses
    letters: LetterService
    imports: Imports
    metrics: IngestMetrics
    registry: CollectorRegistry
    health: Health

    async def load(self) -> None:
        """Migrate, and read the books, the ids seen and the feeds."""
        await upgrade(self.database, _MIGRATIONS, tables.metadata)
        since = self.clock.now().date() - timedelta(days=self.settings.dedup_days)
        memory = await self.ledger_store.recall(since)
        self.ledger.restore(memory.books, memory.clock)
        for day, packed in memory.digests:
            self.seen.add(day, [packed])
        self.seen.forget(self.clock.now().date())
        self.metrics.remembered(len(self.seen))
        await self.feeds.refresh()


def assemble(settings: Settings, sink: Sink, clock: Clock) -> Parts:
    """Join the core of ingest on any sink; connects to nothing."""
    dead_key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    person_key = required_key("LANTERN_PSEUDONYM_KEY", settings.pseudonym_key)
    registry, health = CollectorRegistry(), Health()
    metrics = IngestMetrics(registry)
    database = Database(settings.database("ingest"))
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: dead_key})
    log = SinkLog(sink, partitions=settings.partitions, timeout_s=settings.publish_timeout_s + 5.0)
    store, ledger = LedgerRepository(database), Ledger()
    seen = SeenSet(settings.dedup_days, settings.dedup_max)
    boundaries = Boundaries(settings.tick_interval_s, ZoneInfo(settings.timezone))
    policy = RoundPolicy(settings.ticks, boundaries, gather_s=settings.gather_s)
    feeds = FeedService(FeedRepository(database), ApiKeys(pepper_from(dead_key)), clock)
    rounds = Rounds(
        log, store, clock, metrics, ledger=ledger, seen=seen, feeds=feeds.all, policy=policy
    )
    preparer = Preparer(
        Pseudonymiser(settings.pseudonym_key_id, person_key),
        sealer,
        letter_key_from(dead_key),
        max_event_bytes=settings.max_event_bytes,
    )
    service = IngestService(feeds, preparer, rounds, clock, max_future_s=settings.max_future_s)
    accept_path = FileAcceptPath(
        service, feeds, rounds, clock, sealer=sealer, letter_key=letter_key_from(dead_key)
    )
    imports = build_imports(
        database,
        accept_path,
        clock,
        home=settings.home,
        instance=settings.instance,
        pseudonym_key=person_key,
        boundaries=boundaries,
        max_bytes=settings.import_max_bytes,
    )
    health.add("live", "rounds", lambda: rounds.failure)
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        sink=sink,
        log=log,
        ledger_store=store,
        ledger=ledger,
        seen=seen,
        policy=policy,
        feeds=feeds,
        rounds=rounds,
        service=service,
        statuses=Statuses(feeds, ledger, policy, clock),
        letters=LetterService(LetterRepository(database), sealer, service, clock),
        imports=imports,
        metrics=metrics,
        registry=registry,
        health=health,
    )


def build_app(parts: Parts, authenticate: Authenticate) -> FastAPI:
    """Return the HTTP app of assembled parts."""
    settings = parts.settings
    limits = routes.EventLimits(settings.max_body_bytes, settings.max_events)
    return create_app(
        "Lantern ingest",
        [
            routes.build_events_router(parts.service, parts.feeds, limits, parts.metrics),
            routes.build_feeds_router(
                parts.feeds,
                parts.statuses,
                authenticate,
                clock=parts.clock,
                default_rate_per_s=settings.rate_per_s,
            ),
            routes.build_keys_router(parts.feeds, authenticate),
            routes.build_counts_router(parts.ledger_store, authenticate),
            routes.build_letters_router(parts.letters, authenticate),
            routes.build_ticks_router(parts.service, authenticate),
            routes.build_import_router(
                parts.imports.service,
                parts.imports.uploads,
                authenticate,
                max_bytes=settings.import_max_bytes,
            ),
        ],
        health=parts.health,
        registry=parts.registry,
        description="Takes campus events in, validates, pseudonymises and publishes them.",
    )


def build(settings: Settings) -> lifecycle.Service:
    """Build the service; nothing connects before it runs."""
    clock = SystemClock()
    sink = KafkaSink(
        settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        client_id="lantern-ingest",
        delivery_timeout_s=settings.publish_timeout_s,
    )
    parts = assemble(settings, sink, clock)
    worker = _letter_reader(parts)
    worker.add_checks(parts.health)
    status = jobs.StatusJob(
        parts.feeds,
        parts.statuses,
        parts.log,
        clock,
        gauges=parts.metrics,
        interval_s=settings.status_interval_s,
    )
    forget = jobs.ForgetJob(
        parts.seen, parts.ledger_store, parts.metrics, clock, days=settings.dedup_days
    )
    runners: dict[str, lifecycle.Runner] = {
        "rounds": partial(jobs.watch, parts.rounds),
        "status": partial(jobs.every, settings.watch_interval_s, work=status.run_once),
        "forget": partial(jobs.every, _HOUR_S, work=forget.run_once),
        "letters": worker.run,
        "imports": parts.imports.runner.run,
    }
    if settings.ticks == "wall":
        runners["ticks"] = partial(
            jobs.every, settings.watch_interval_s, work=partial(jobs.tick, parts.service)
        )
    return lifecycle.Service(
        name="ingest",
        host=settings.host,
        port=settings.port,
        app=build_app(parts, build_authenticator(settings, clock)),
        resources=[partial(_started, parts)],
        runners=runners,
        max_body_bytes=settings.max_body_bytes,
    )


@asynccontextmanager
async def _started(parts: Parts) -> AsyncIterator[None]:
    """Database loaded, topics there, producer connected; closed in reverse."""
    try:
        await parts.load()
        await declare_topics(parts.settings)
        await parts.sink.start()
        try:
            yield
            await parts.rounds.idle()
        finally:
            await parts.sink.stop()
    finally:
        await parts.database.close()


def _letter_reader(parts: Parts) -> Worker:
    settings = parts.settings
    return Worker(
        source=KafkaSource(
            settings.kafka_bootstrap_servers,
            [CAMPUS_EVENTS_DEAD],
            group=GROUP,
            prefix=settings.topic_prefix,
            instance=settings.instance,
        ),
        sink=NoSink(),
        handler=LetterHandler(put),
        group=GROUP,
        policy=SavePolicy.every_batch(),
        database=parts.database,
        bookmarks=Bookmarks(tables.metadata),
        clock=parts.clock,
        metrics=StreamMetrics(parts.registry),
    )


main = lifecycle.service_main("ingest", Settings, build)

if __name__ == "__main__":
    sys.exit(main())
