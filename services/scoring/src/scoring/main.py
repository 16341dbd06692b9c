"""The composition root of scoring: `build(settings)` joins the parts, and nothing runs before."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from scoring import tables
from scoring.config import Settings
from scoring.domain.calibration import Rule
from scoring.domain.comparison import Bounds
from scoring.domain.lanes import CHAMPION, Lane, champion_lane, lanes_of
from scoring.jobs.drift import DriftJob
from scoring.jobs.lanes import Lanes, Opened
from scoring.jobs.models import ModelJob
from scoring.metrics import ScoringMetrics
from scoring.readers.intakes import Intakes
from scoring.repository.assessments import AssessmentRepository
from scoring.repository.changes import ModelLog
from scoring.repository.labels import LabelRepository
from scoring.routes.scores import build_router
from scoring.routes.serving import build_serving_router
from scoring.routes.watching import build_watching_router
from scoring.runtime import BundleShelf, Meaning, OnnxModel
from scoring.service.assessing import ScoringService, Terms
from scoring.service.performance import Performance, performance
from scoring.service.serving import Serving
from scoring.service.watching import Watching
from scoring.worker.vectors import ScoringHandler
from scoring.worker.verdicts import VerdictHandler
from shared import lifecycle
from shared.auth.http import Authenticate, build_authenticator
from shared.bundle.keys import read_trusted
from shared.contracts.topics import ALERTS_EVENTS, DIRECTORY_STUDENTS, STUDENT_FEATURES, Topic
from shared.crypto.keys import required_key
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConfigError
from shared.stream.dead_letters import DeadLetters
from shared.stream.kafka.admin import declare_topics
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource
from shared.stream.metrics import StreamMetrics
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handler, Sink, Source
from shared.stream.worker import Limits, Worker
from shared.web.app import create_app
from shared.web.health import Health

_MIGRATIONS = Path(__file__).parent / "migrations"
VERDICTS = "lantern.scoring.verdicts.v1"
_SAVING_S = 1.0  # a round of the champion's worker, and its save
Streams = Callable[[Lane], tuple[Source, Sink]]


@dataclass
class Parts:
    """What `build` joined; tests reach in here. `serves` is the lane that speaks by REST."""

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
    shelf: BundleShelf
    changes: ModelLog
    serving: Serving
    lanes: Lanes
    intakes: Intakes
    watching: Watching
    drift: DriftJob
    serves: Lane

    async def load(self) -> None:
        """Migrate, and take the champion's bundle into service if it verifies."""
        await upgrade(self.database, _MIGRATIONS, tables.metadata)
        if self.settings.lane == CHAMPION:
            self.serves = champion_lane(await self.serving.standing())
        self.job.reload()

    async def performance(self) -> Performance:
        """Return how the champion does."""
        now, labels = await self.serving.standing(), LabelRepository(self.database)
        return await performance(self.service.model, now, labels, self.repository.probabilities)

    async def wanted(self) -> list[Lane]:
        """Return the lanes that should run now."""
        if self.settings.lane != CHAMPION:
            return [Lane(self.settings.lane, self.settings.bundle_dir.name)]
        now = await self.serving.standing()
        self.metrics.standing(now.revision, is_suspended=now.is_suspended)
        has_shadows = self.settings.bundles_dir is not None
        candidates = self.shelf.candidates() if has_shadows else []
        return lanes_of(now, candidates)


def group(settings: Settings) -> str:
    """Return the consumer group of the process's own lane while nothing was promoted."""
    return Lane(settings.lane, settings.bundle_dir.name).group


def assemble(settings: Settings, clock: Clock, *, meaning: Meaning | None = None) -> Parts:
    """Join the core of scoring; connects to nothing. `meaning` is the catalogue's by default."""
    meaning = meaning or Meaning(catalogue_hash(), [one.id for one in CATALOGUE])
    trusted = read_trusted(settings.trusted_keys_file)
    registry, health = CollectorRegistry(), Health()
    database = Database(settings.database("scoring"))
    initial = settings.bundle_dir.name
    shelf = BundleShelf(
        settings.bundles_dir or settings.bundle_dir.parent, settings.bundle_dir, trusted, meaning
    )
    service = ScoringService(lambda: _load(parts.shelf, parts.serves))
    is_champion = settings.lane == CHAMPION
    repository = AssessmentRepository(database, settings.lane, is_owner=is_champion)
    metrics = ScoringMetrics(registry)
    changes = ModelLog(database, initial)
    serving = Serving(
        changes=changes,
        assessments=repository,
        bundles=shelf,
        clock=clock,
        initial=initial,
        bounds=Bounds(settings.promote_least_covered, settings.promote_most_growth),
        cuts=lambda: service.require_model().manifest.thresholds,
        wake=lambda: parts.lanes.wake(),  # noqa: PLW0108 - lanes are exchanged later
    )
    intakes = Intakes()
    watching = Watching(lambda: service.model, repository, intakes.years, clock)
    parts = Parts(
        settings=settings,
        clock=clock,
        database=database,
        service=service,
        repository=repository,
        metrics=metrics,
        stream_metrics=StreamMetrics(registry),
        job=ModelJob(service, metrics, lambda: parts.shelf.path(parts.serves.bundle)),
        handler=ScoringHandler(service, repository, metrics, clock, is_shadow=not is_champion),
        registry=registry,
        health=health,
        shelf=shelf,
        changes=changes,
        serving=serving,
        lanes=Lanes(_nothing_wanted, _no_streams, metrics),
        intakes=intakes,
        watching=watching,
        drift=DriftJob(watching, metrics),
        serves=Lane(settings.lane, initial),
    )
    health.add("ready", "model", lambda: _without_model(service))
    return parts


def _load(shelf: BundleShelf, lane: Lane) -> OnnxModel:
    return shelf.load(lane.bundle, lane.digest)


def _dead_letters(settings: Settings, clock: Clock) -> DeadLetters:
    key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: key})
    return DeadLetters("scoring", sealer, clock)


def build_worker(parts: Parts, source: Source, sink: Sink) -> Worker:
    """Return the worker of the process's own lane on any source and sink.

    Raises:
        ConfigError: the key of the dead letters is missing.
    """
    name = group(parts.settings)
    return _worker(parts, name, parts.handler, _saves(parts), source=source, sink=sink)


def _saves(parts: Parts) -> SavePolicy:
    """Save what lanes said a few times a second instead of once a batch.

    Assessments are published before they are saved either way, under ids that a repeat gives
    again, so a later save only makes more repeats after a kill: rows and bookmarks are of one
    transaction, and readers ignore a (position, revision) that they have seen. A hand-over and a
    drain save what is left. A promotion fences all that was not saved, and assesses everybody
    anew. A tombstone waits with the rows that it deletes. REST shows a student's assessment that
    much later than the topic; who joins the two (`worker.verdicts`) waits longer than that.
    """
    return SavePolicy.every(parts.settings.checkpoint_s)


def _worker(
    parts: Parts, name: str, handler: Handler, policy: SavePolicy, *, source: Source, sink: Sink
) -> Worker:
    return Worker(
        source=source,
        sink=sink,
        handler=handler,
        group=name,
        policy=policy,
        database=parts.database,
        bookmarks=Bookmarks(tables.metadata),
        dead_letters=_dead_letters(parts.settings, parts.clock),
        clock=parts.clock,
        metrics=parts.stream_metrics,
        limits=Limits(max_records=parts.settings.max_records),
    )


def build_verdict_worker(parts: Parts, source: Source, sink: Sink) -> Worker:
    """Return the worker that turns verdicts into labels, and suspends a broken champion."""
    handler = VerdictHandler(
        LabelRepository(parts.database),
        parts.changes,
        Rule(parts.settings.calibration_fewest),
        parts.clock,
        wake=lambda: parts.lanes.wake(),  # noqa: PLW0108 - lanes are exchanged later
        unmatched=parts.metrics.unmatched,
        settled_s=parts.settings.checkpoint_s + _SAVING_S,
    )
    policy = SavePolicy.every_batch()
    return _worker(parts, VERDICTS, handler, policy, source=source, sink=sink)


async def open_lane(parts: Parts, streams: Streams, lane: Lane) -> Opened:
    """Load a lane's bundle and return its worker.

    Raises:
        BundleRefusedError: a shadow's bundle does not verify. A champion's does not end it: what
            served before serves on, or the worker waits.
    """
    is_own = lane.is_champion or lane.key == parts.settings.lane
    service = _champion(parts, lane) if is_own else _shadow(parts, lane)
    handler = ScoringHandler(
        service,
        AssessmentRepository(
            parts.database, lane.key, revision=lane.revision, is_owner=lane.is_champion
        ),
        parts.metrics if is_own else parts.metrics.shadow(lane.bundle),
        parts.clock,
        terms=Terms(lane.revision, lane.is_suspended),
        is_shadow=not lane.is_champion,
    )
    source, sink = streams(lane)
    worker = _worker(parts, lane.group, handler, _saves(parts), source=source, sink=sink)
    if is_own:
        worker.add_checks(parts.health, "stream")
    model = service.model
    return Opened(model.manifest.model if model else None, worker.run)


def _champion(parts: Parts, lane: Lane) -> ScoringService:
    loaded = (parts.serves.bundle, parts.serves.digest)
    parts.serves = lane
    if loaded != (lane.bundle, lane.digest) or parts.service.model is None:
        parts.job.reload()
    return parts.service


def _shadow(parts: Parts, lane: Lane) -> ScoringService:
    model = parts.shelf.load(lane.bundle)
    service = ScoringService(lambda: model)
    service.reload()
    return service


def build_app(parts: Parts, authenticate: Authenticate) -> FastAPI:
    """Return the HTTP app of assembled parts."""
    scores = build_router(
        parts.service,
        parts.repository,
        parts.job.reload,
        authenticate,
        max_vectors=parts.settings.max_vectors,
    )
    serving = build_serving_router(
        parts.service,
        parts.serving,
        lambda: parts.lanes.states(),  # noqa: PLW0108 - lanes are exchanged later
        parts.repository.sizes,
        authenticate=authenticate,
        lane=parts.settings.lane,
    )
    watching = build_watching_router(
        parts.watching,
        parts.drift.look,
        parts.performance,
        authenticate,
        lane=parts.settings.lane,
    )
    return create_app(
        "Lantern scoring",
        [scores, serving, watching],
        health=parts.health,
        registry=parts.registry,
        description="Scores feature vectors with a verified model; explains and abstains.",
    )


def build(settings: Settings) -> lifecycle.Service:
    """Build the service; nothing connects before it runs."""
    clock = SystemClock()
    parts = assemble(settings, clock)
    use_streams(parts, partial(kafka_streams, settings))
    _dead_letters(settings, clock)  # a missing key is found before anything connects
    return lifecycle.Service(
        name="scoring",
        host=settings.host,
        port=settings.port,
        app=build_app(parts, build_authenticator(settings, clock)),
        resources=[partial(_started, parts)],
        runners={
            "lanes": partial(parts.lanes.run, interval_s=settings.watch_interval_s),
            "models": partial(parts.job.watch, interval_s=settings.watch_interval_s),
            **_of_the_champion(parts),
        },
    )


def _of_the_champion(parts: Parts) -> dict[str, lifecycle.Runner]:
    """Return what speaks for the champion and what watches it: a lone shadow does neither."""
    settings = parts.settings
    if settings.lane != CHAMPION:
        return {}
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    source = _source(settings, ALERTS_EVENTS, VERDICTS)
    sink = KafkaSink(servers, prefix=prefix, client_id="lantern-scoring-verdicts")
    return {
        "drift": partial(parts.drift.watch, interval_s=settings.drift_interval_s),
        "verdicts": build_verdict_worker(parts, source, sink).run,
        "intakes": partial(parts.intakes.run, source=partial(_students, settings)),
    }


def use_streams(parts: Parts, streams: Streams) -> None:
    """Say where lanes read and write, and let readiness ask for the process's own."""
    opens = partial(open_lane, parts, streams)
    parts.lanes = Lanes(parts.wanted, opens, parts.metrics, own=parts.settings.lane)
    parts.health.add("ready", "lanes", parts.lanes.complaint)


def kafka_streams(settings: Settings, lane: Lane) -> tuple[Source, Sink]:
    """Return a lane's own member of its group, and its own producer."""
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    source = _source(settings, STUDENT_FEATURES, lane.group, gather_s=settings.gather_s)
    return source, KafkaSink(servers, prefix=prefix, client_id=f"lantern-scoring-{lane.key}")


def _students(settings: Settings) -> Source:
    return _source(settings, DIRECTORY_STUDENTS, None)


def _source(
    settings: Settings, topic: Topic, group_name: str | None, *, gather_s: float = 0.0
) -> Source:
    return KafkaSource(
        settings.kafka_bootstrap_servers,
        [topic],
        group=group_name,
        prefix=settings.topic_prefix,
        instance=settings.instance,
        gather_s=gather_s,
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


async def _nothing_wanted() -> list[Lane]:
    return []


async def _no_streams(lane: Lane) -> Opened:
    raise ConfigError("streams", f"{lane.group}: nobody said where to read")


def _without_model(service: ScoringService) -> str | None:
    if service.model is not None:
        return None
    return service.refusal.detail if service.refusal else "no bundle is in service"


main = lifecycle.service_main("scoring", Settings, build)

if __name__ == "__main__":
    sys.exit(main())
