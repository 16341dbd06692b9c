"""What the service is made of, joined once and connected to nothing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from scoring import tables
from scoring.config import Settings
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
from scoring.runtime import BundleShelf, Meaning, OnnxModel
from scoring.service.assessing import ScoringService
from scoring.service.performance import Performance, performance
from scoring.service.serving import Serving
from scoring.service.watching import Watching
from shared.bundle.keys import read_trusted
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.kernel.clock import Clock
from shared.kernel.errors import ConfigError
from shared.observability.logging import get_logger
from shared.stream.metrics import StreamMetrics
from shared.web.health import Health

log = get_logger("scoring")
_MIGRATIONS = Path(__file__).parent.parent / "migrations"


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
            now = await self.serving.standing()
            self.serves = champion_lane(now)
            if now.suspended is not None:  # whoever suspended it may have died before saying so
                why = now.suspended.reason
                log.error("model.suspended", bundle=now.champion, revision=now.revision, reason=why)
        await asyncio.to_thread(self.job.reload)

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
        candidates = await asyncio.to_thread(self.shelf.candidates) if has_shadows else []
        return lanes_of(now, candidates)


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
    repository = AssessmentRepository(database, settings.lane, is_owner=settings.lane == CHAMPION)
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


async def _nothing_wanted() -> list[Lane]:
    return []


async def _no_streams(lane: Lane) -> Opened:
    raise ConfigError("streams", f"{lane.group}: nobody said where to read")


def _without_model(service: ScoringService) -> str | None:
    if service.model is not None:
        return None
    return service.refusal.detail if service.refusal else "no bundle is in service"
