"""The composition root of scoring: `build(settings)` joins the parts, and nothing runs before."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from scoring import runtime, tables
from scoring.config import Settings
from scoring.jobs import ModelJob
from scoring.metrics import ScoringMetrics
from scoring.repository import AssessmentRepository
from scoring.routes import build_router
from scoring.service import ScoringService
from scoring.worker import ScoringHandler
from shared import lifecycle
from shared.auth.http import Authenticate, build_authenticator
from shared.bundle.keys import read_trusted
from shared.contracts.topics import STUDENT_FEATURES
from shared.crypto.keys import required_key
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.kernel.clock import Clock, SystemClock
from shared.stream.dead_letters import DeadLetters
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


@dataclass
class Parts:
    """What `build` joined; tests reach in here."""

    settings: Settings
    clock: Clock
    database: Database
    service: ScoringService
    repository: AssessmentRepository
    metrics: ScoringMetrics
    stream_metrics: StreamMetrics
    job: ModelJob
    handler: ScoringHandler
    registry: CollectorRegistry
    health: Health

    async def load(self) -> None:
        """Migrate, and take the bundle into service if it verifies."""
        await upgrade(self.database, _MIGRATIONS, tables.metadata)
        self.job.reload()


def group(settings: Settings) -> str:
    """Return the consumer group of the lane."""
    return f"lantern.scoring.{settings.lane}.v1"


def assemble(settings: Settings, clock: Clock) -> Parts:
    """Join the core of scoring; connects to nothing."""
    trusted = read_trusted(settings.trusted_keys_file)
    registry, health = CollectorRegistry(), Health()
    database = Database(settings.database("scoring"))
    features = [one.id for one in CATALOGUE]
    service = ScoringService(
        lambda: runtime.load(
            settings.bundle_dir, trusted, catalogue=catalogue_hash(), features=features
        )
    )
    repository = AssessmentRepository(database, settings.lane)
    metrics = ScoringMetrics(registry)
    health.add("ready", "model", lambda: _without_model(service))
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        service=service,
        repository=repository,
        metrics=metrics,
        stream_metrics=StreamMetrics(registry),
        job=ModelJob(service, metrics, settings.bundle_dir),
        handler=ScoringHandler(service, repository, metrics, clock),
        registry=registry,
        health=health,
    )


def _dead_letters(settings: Settings, clock: Clock) -> DeadLetters:
    key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: key})
    return DeadLetters("scoring", sealer, clock)


def build_worker(parts: Parts, source: Source, sink: Sink) -> Worker:
    """Return the worker of assembled parts on any source and sink.

    Raises:
        ConfigError: the key of the dead letters is missing.
    """
    return Worker(
        source=source,
        sink=sink,
        handler=parts.handler,
        group=group(parts.settings),
        policy=SavePolicy.every_batch(),
        database=parts.database,
        bookmarks=Bookmarks(tables.metadata),
        dead_letters=_dead_letters(parts.settings, parts.clock),
        clock=parts.clock,
        metrics=parts.stream_metrics,
        limits=Limits(max_records=parts.settings.max_records),
    )


def build_app(parts: Parts, authenticate: Authenticate) -> FastAPI:
    """Return the HTTP app of assembled parts."""
    router = build_router(
        parts.service,
        parts.repository,
        parts.job.reload,
        authenticate,
        lane=parts.settings.lane,
        max_vectors=parts.settings.max_vectors,
    )
    return create_app(
        "Lantern scoring",
        [router],
        health=parts.health,
        registry=parts.registry,
        description="Scores feature vectors with a verified model; explains and abstains.",
    )


def build(settings: Settings) -> lifecycle.Service:
    """Build the service; nothing connects before it runs."""
    clock = SystemClock()
    parts = assemble(settings, clock)
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    source = KafkaSource(
        servers,
        [STUDENT_FEATURES],
        group=group(settings),
        prefix=prefix,
        instance=settings.instance,
    )
    worker = build_worker(parts, source, KafkaSink(servers, prefix=prefix))
    worker.add_checks(parts.health)
    return lifecycle.Service(
        name="scoring",
        host=settings.host,
        port=settings.port,
        app=build_app(parts, build_authenticator(settings, clock)),
        resources=[partial(_started, parts)],
        runners={
            "stream": worker.run,
            "models": partial(parts.job.watch, interval_s=settings.watch_interval_s),
        },
    )


@asynccontextmanager
async def _started(parts: Parts) -> AsyncIterator[None]:
    """Database migrated, bundle verified, topics there; closed in reverse."""
    try:
        await parts.load()
        await declare_topics(parts.settings)
        yield
    finally:
        await parts.database.close()


def _without_model(service: ScoringService) -> str | None:
    if service.model is not None:
        return None
    return service.refusal.detail if service.refusal else "no bundle is in service"


main = lifecycle.service_main("scoring", Settings, build)

if __name__ == "__main__":
    sys.exit(main())
