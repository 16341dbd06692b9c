"""The workers: one a lane, and the one of verdicts; where each reads, writes and saves."""

import asyncio
from collections.abc import Callable
from functools import partial

from scoring import tables
from scoring.config import Settings
from scoring.domain.calibration import Rule
from scoring.domain.lanes import Lane
from scoring.jobs.lanes import Lanes, Opened
from scoring.main.parts import Parts
from scoring.repository.assessments import AssessmentRepository
from scoring.repository.labels import LabelRepository
from scoring.service.assessing import ScoringService, Terms
from scoring.worker.vectors import ScoringHandler
from scoring.worker.verdicts import VerdictHandler
from shared.contracts.topics import DIRECTORY_STUDENTS, STUDENT_FEATURES, Topic
from shared.crypto.keys import required_key
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.kernel.clock import Clock
from shared.stream.dead_letters import DeadLetters
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handler, Sink, Source
from shared.stream.worker import Limits, Worker

VERDICTS = "lantern.scoring.verdicts.v1"
Streams = Callable[[Lane], tuple[Source, Sink]]


def use_streams(parts: Parts, streams: Streams) -> None:
    """Say where lanes read and write, and let readiness ask for the process's own."""
    opens = partial(open_lane, parts, streams)
    parts.lanes = Lanes(parts.wanted, opens, parts.metrics, own=parts.settings.lane)
    parts.health.add("ready", "lanes", parts.lanes.complaint)


async def open_lane(parts: Parts, streams: Streams, lane: Lane) -> Opened:
    """Load a lane's bundle, in a thread, and return its worker.

    Raises:
        BundleRefusedError: a shadow's bundle does not verify. A champion's does not end it: what
            served before serves on, or the worker waits.
    """
    is_own = lane.is_champion or lane.key == parts.settings.lane
    service = await (_champion if is_own else _shadow)(parts, lane)
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
    return Opened(model.manifest.model if model else None, worker)


async def _champion(parts: Parts, lane: Lane) -> ScoringService:
    loaded = (parts.serves.bundle, parts.serves.digest)
    parts.serves = lane
    if loaded != (lane.bundle, lane.digest) or parts.service.model is None:
        await asyncio.to_thread(parts.job.reload)
    return parts.service


async def _shadow(parts: Parts, lane: Lane) -> ScoringService:
    model = await asyncio.to_thread(parts.shelf.load, lane.bundle)
    service = ScoringService(lambda: model)
    service.reload()
    return service


def _saves(parts: Parts) -> SavePolicy:
    """Save what lanes said twice a second instead of once a batch.

    Assessments are published before they are saved either way, under ids that a repeat gives
    again, so a later save only makes more repeats after a kill: rows and bookmarks are of one
    transaction, and readers ignore a (position, revision) that they have seen. A hand-over and a
    drain save what is left. A promotion fences all that was not saved, and assesses everybody
    anew, under other ids: an alert that opened on a fenced assessment gets its label by student and
    moment (`repository.labels`). A tombstone waits with the rows that it deletes. REST shows a
    student's assessment later than the topic, by this interval and the save itself, or by as long
    as saves fail. `worker.verdicts` joins alerts with predictions in either order.
    """
    return SavePolicy.every(parts.settings.checkpoint_s)


def build_verdict_worker(parts: Parts, source: Source, sink: Sink) -> Worker:
    """Return the worker that turns verdicts into labels, and suspends a broken champion."""
    handler = VerdictHandler(
        LabelRepository(parts.database),
        parts.changes,
        Rule(parts.settings.calibration_fewest),
        parts.clock,
        transaction=parts.database.write,
        wake=lambda: parts.lanes.wake(),  # noqa: PLW0108 - lanes are exchanged later
        unmatched=parts.metrics.unmatched,
    )
    policy = SavePolicy.every_batch()
    return _worker(parts, VERDICTS, handler, policy, source=source, sink=sink)


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
        dead_letters=dead_letters(parts.settings, parts.clock),
        clock=parts.clock,
        metrics=parts.stream_metrics,
        limits=Limits(max_records=parts.settings.max_records),
    )


def dead_letters(settings: Settings, clock: Clock) -> DeadLetters:
    key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: key})
    return DeadLetters("scoring", sealer, clock)


def kafka_streams(settings: Settings, lane: Lane) -> tuple[Source, Sink]:
    """Return a lane's own member of its group, and its own producer."""
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    source = source_of(settings, STUDENT_FEATURES, lane.group)
    return source, KafkaSink(servers, prefix=prefix, client_id=f"lantern-scoring-{lane.key}")


def students(settings: Settings) -> Source:
    return source_of(settings, DIRECTORY_STUDENTS, None)


def source_of(settings: Settings, topic: Topic, group_name: str | None) -> Source:
    return KafkaSource(
        settings.kafka_bootstrap_servers,
        [topic],
        group=group_name,
        prefix=settings.topic_prefix,
        instance=settings.instance,
    )
