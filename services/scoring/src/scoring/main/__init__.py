"""The composition root of scoring: `build(settings)` joins the parts, and nothing runs before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from scoring.config import Settings
from scoring.domain.lanes import CHAMPION
from scoring.main.lanes import (
    VERDICTS,
    build_verdict_worker,
    dead_letters,
    kafka_streams,
    source_of,
    students,
    use_streams,
)
from scoring.main.parts import Parts, assemble
from scoring.routes.scores import build_router
from scoring.routes.serving import build_serving_router
from scoring.routes.watching import build_watching_router
from shared import lifecycle
from shared.auth.http import Authenticate, build_authenticator
from shared.contracts.topics import ALERTS_EVENTS
from shared.kernel.clock import SystemClock
from shared.stream.kafka.admin import declare_topics
from shared.stream.kafka.sink import KafkaSink
from shared.web.app import create_app

__all__ = ["Parts", "Settings", "assemble", "build", "build_app", "main"]


def build(settings: Settings) -> lifecycle.Service:
    """Build the service; nothing connects before it runs."""
    clock = SystemClock()
    parts = assemble(settings, clock)
    use_streams(parts, partial(kafka_streams, settings))
    dead_letters(settings, clock)  # a missing key is found before anything connects
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
    source = source_of(settings, ALERTS_EVENTS, VERDICTS)
    sink = KafkaSink(servers, prefix=prefix, client_id="lantern-scoring-verdicts")
    return {
        "drift": partial(parts.drift.watch, interval_s=settings.drift_interval_s),
        "verdicts": build_verdict_worker(parts, source, sink).run,
        "intakes": partial(parts.intakes.run, source=partial(students, settings)),
    }


def build_app(parts: Parts, authenticate: Authenticate) -> FastAPI:
    """Return the HTTP app of assembled parts."""
    scores = build_router(
        parts.service,
        parts.repository,
        parts.job.reload,
        authenticate,
        peers=parts.watching.peers,
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


@asynccontextmanager
async def _started(parts: Parts) -> AsyncIterator[None]:
    """Database migrated, bundle verified, topics there; closed in reverse."""
    try:
        await parts.load()
        await declare_topics(parts.settings)
        yield
    finally:
        await parts.database.close()


main = lifecycle.service_main("scoring", Settings, build)
