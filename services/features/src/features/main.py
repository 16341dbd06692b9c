"""The composition root of features: `build(settings)` joins the parts, and nothing runs before."""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from features import tables
from features.config import Settings
from features.domain.emission import FlushRule
from features.metrics import FeatureMetrics
from features.repository import CheckpointRepository, Stored
from features.routes import build_router
from features.service import FeatureService, Rules
from features.worker import GROUP, UNCOUNTED, FeatureHandler, learn_from
from shared import lifecycle
from shared import settings as shared_settings
from shared.auth.http import Authenticate, build_authenticator
from shared.contracts.topics import CAMPUS_EVENTS, DAYS_MS, DIRECTORY_STUDENTS
from shared.crypto.keys import required_key
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.features.slots import LAYOUT_VERSION, RING_DAYS
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConfigError
from shared.stream.compacted import CompactedReader
from shared.stream.dead_letters import DeadLetterLimit, DeadLetters
from shared.stream.kafka.admin import declare_topics
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource
from shared.stream.metrics import StreamMetrics
from shared.stream.policy import SavePolicy
from shared.stream.ports import Sink, Source
from shared.stream.worker import Limits, Worker
from shared.web.app import create_app
from shared.web.health import Health

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOSS = (
    "The log is then read from its beginning, and days that it no longer holds are lost for good, "
    f"of the ring and of the offline store: {CAMPUS_EVENTS.name} is declared to keep "
    f"{CAMPUS_EVENTS.retention_ms // DAYS_MS} days, the ring holds {RING_DAYS}. "
    "The history kept for training goes too"
)


@dataclass
class Parts:
    """What `assemble` joined; tests reach in here."""

    settings: Settings
    clock: Clock
    database: Database
    repository: CheckpointRepository
    service: FeatureService
    turn: asyncio.Lock
    handler: FeatureHandler
    worker: Worker
    facts: CompactedReader
    registry: CollectorRegistry
    health: Health

    async def load(self) -> None:
        """Migrate, and read the secret under which duplicates are remembered.

        Raises:
            ConfigError: the checkpoints are of another layout; they can only be made anew.
        """
        await upgrade(self.database, _MIGRATIONS, tables.metadata)
        async with self.database.write() as connection:
            _refuse_other_layouts(await self.repository.layouts(connection))
            self.service.use_key(await self.repository.secret(connection, "duplicates"))


def _refuse_other_layouts(found: Collection[int]) -> None:
    others = sorted(set(found) - {LAYOUT_VERSION})
    if others:
        raise ConfigError(
            "features checkpoints",
            f"day slots have layout {', '.join(map(str, others))}, this version reads "
            f"{LAYOUT_VERSION}: stop every features process, run `python -m features.main "
            f"--rebuild` (it says what goes, and does it with --yes) and start again. {_LOSS}",
        )


async def forget_checkpoints(settings: Settings, *, is_sure: bool) -> Stored:
    """Return what there is; if sure, delete it and set the bookmarks to the log's beginning."""
    database = Database(settings.database("features"))
    try:
        await upgrade(database, _MIGRATIONS, tables.metadata)
        async with database.write() as connection:
            stored = await CheckpointRepository().stored(connection)
            if is_sure:
                await CheckpointRepository().forget(connection)
            return stored
    finally:
        await database.close()


def assemble(
    settings: Settings, *, events: Source, facts: Source, sink: Sink, clock: Clock
) -> Parts:
    """Join the service on any broker; connects to nothing."""
    registry, health = CollectorRegistry(), Health()
    database = Database(settings.database("features"))
    repository = CheckpointRepository(keep_days=settings.keep_days)
    service = FeatureService(_rules(settings), clock.monotonic)
    turn = asyncio.Lock()
    handler = FeatureHandler(
        service, repository, database, turn=turn, metrics=FeatureMetrics(registry)
    )
    worker = Worker(
        source=events,
        sink=sink,
        handler=handler,
        group=GROUP,
        policy=SavePolicy.every(settings.checkpoint_s),
        clock=clock,
        database=database,
        bookmarks=Bookmarks(tables.metadata),
        dead_letters=_dead_letters(settings, clock),
        metrics=StreamMetrics(registry),
        limits=Limits(max_records=settings.max_records),
    )
    worker.add_checks(health)
    reader = CompactedReader(facts, learn_from(service), clock=clock)
    health.add("ready", "directory", reader.complaint)
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        repository=repository,
        service=service,
        turn=turn,
        handler=handler,
        worker=worker,
        facts=reader,
        registry=registry,
        health=health,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        zone=ZoneInfo(settings.timezone),
        dedup_days=settings.dedup_days,
        ahead_days=settings.ahead_days,
        history=settings.history,
        flush=FlushRule(settings.flush, settings.flush_delay_s),
    )


def _dead_letters(settings: Settings, clock: Clock) -> DeadLetters:
    key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: key})
    return DeadLetters("features", sealer, clock, DeadLetterLimit(uncounted=UNCOUNTED))


def build_app(parts: Parts, authenticate: Authenticate) -> FastAPI:
    """Return the HTTP app of assembled parts."""
    router = build_router(
        parts.service,
        authenticate,
        clock=parts.clock,
        turn=parts.turn,
        stale_after_s=parts.settings.stale_after_s,
    )
    return create_app(
        "Lantern features",
        [router],
        health=parts.health,
        registry=parts.registry,
        description="Daily aggregates and indicators of every student.",
    )


def build(settings: Settings) -> lifecycle.Service:
    """Build the service; nothing connects before it runs."""
    clock, servers = SystemClock(), settings.kafka_bootstrap_servers
    prefix = settings.topic_prefix
    parts = assemble(
        settings,
        events=KafkaSource(
            servers,
            [CAMPUS_EVENTS],
            group=GROUP,
            instance=settings.instance,
            prefix=prefix,
            gather_s=settings.gather_s,
        ),
        facts=KafkaSource(servers, [DIRECTORY_STUDENTS], group=None, prefix=prefix),
        sink=KafkaSink(servers, prefix=prefix, client_id="lantern-features"),
        clock=clock,
    )
    return lifecycle.Service(
        name="features",
        host=settings.host,
        port=settings.port,
        app=build_app(parts, build_authenticator(settings, clock)),
        resources=[partial(_started, parts), parts.facts.loaded],
        runners={"stream": parts.worker.run, "directory": parts.facts.run},
    )


@asynccontextmanager
async def _started(parts: Parts) -> AsyncIterator[None]:
    """Database loaded and topics there; closed in reverse."""
    try:
        await parts.load()
        await declare_topics(parts.settings)
        yield
    finally:
        await parts.database.close()


_serve = lifecycle.service_main("features", Settings, build)


def main() -> int:
    """Run the service; `--rebuild` alone says what it would delete, with `--yes` it deletes it."""
    words = sys.argv[1:]
    if "--rebuild" not in words:
        return _serve()
    if set(words) - {"--rebuild", "--yes"}:
        print("lantern: --rebuild goes with --yes only", file=sys.stderr)  # noqa: T201 - for a person
        return 2
    return _rebuilt(is_sure="--yes" in words)


def _rebuilt(*, is_sure: bool) -> int:
    try:
        settings = shared_settings.load(Settings)
        stored = asyncio.run(forget_checkpoints(settings, is_sure=is_sure))
    except ConfigError as error:
        print(f"lantern: cannot rebuild: {error}", file=sys.stderr)  # noqa: T201 - for a person
        return 2
    print(  # noqa: T201 - for a person
        f"{'deleted' if is_sure else 'would delete'}: {stored.students} students, "
        f"{stored.days} campus days, {stored.mornings} mornings of history. {_LOSS}"
    )
    if is_sure:
        return 0
    print("nothing was deleted; say --rebuild --yes", file=sys.stderr)  # noqa: T201 - for a person
    return 2


if __name__ == "__main__":
    sys.exit(main())
