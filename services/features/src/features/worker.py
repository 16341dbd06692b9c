"""From records to the service and from vectors to records; what the stream kit drives."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from features.domain.checkpoint import Snapshot
from features.domain.refusal import TOO_LATE
from features.metrics import FeatureMetrics
from features.service import FeatureService, Outcome, Part
from shared.contracts.codec import UNREADABLE, decoder, encode
from shared.contracts.features import FeatureVector
from shared.contracts.student import StudentFacts
from shared.contracts.topics import CAMPUS_EVENTS, STUDENT_FEATURES
from shared.db.database import Database
from shared.observability.logging import get_logger
from shared.stream.ports import (
    NOTHING,
    Handled,
    Outgoing,
    Partition,
    Record,
    Records,
    Rejected,
)

log = get_logger("features.worker")
_THREAD_FROM = 1_000  # records; less is done before a thread has started
_OUTCOMES = ("applied", "late", "dead", "duplicate")
_EVALUATE_FROM = 300  # students
_TICK_KEY = b"tick"
_decode_facts = decoder(StudentFacts).decode
GROUP = "lantern.features.v1"
UNCOUNTED = frozenset({TOO_LATE})
"""Reasons that are no fault of ours: an old file that is imported is late as a whole."""


class Checkpoints(Protocol):
    """What the handler needs of `repository.CheckpointRepository`."""

    async def save(self, connection: AsyncConnection, snapshots: Sequence[Snapshot]) -> None: ...

    async def students(
        self, connection: AsyncConnection, partitions: Sequence[int]
    ) -> list[int]: ...

    async def load(self, connection: AsyncConnection, partition: int) -> Snapshot | None: ...


class FeatureHandler:
    """The stream kit's handler; `turn` keeps readers out while a batch is applied."""

    def __init__(
        self,
        service: FeatureService,
        repository: Checkpoints,
        database: Database,
        *,
        turn: asyncio.Lock,
        metrics: FeatureMetrics,
    ) -> None:
        self._service = service
        self._repository = repository
        self._database = database
        self._turn = turn
        self._metrics = metrics

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        numbers = list(_of_events(partitions))
        with self._metrics.load_seconds.time():
            async with self._database.read() as connection:
                sizes = await self._repository.students(connection, numbers)
            async with self._turn:
                await asyncio.to_thread(self._service.reserve, sizes)
            for number in numbers:
                await self._load(number)
        gc.freeze()  # what was loaded stays: the collector need not walk it
        self._observe()
        log.info("features.loaded", partitions=len(partitions), students=self._students())

    async def _load(self, partition: int) -> None:
        async with self._database.read() as connection:
            saved = await self._repository.load(connection, partition)
        async with self._turn:
            await asyncio.to_thread(self._service.load, partition, saved)

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        async with self._turn:
            for partition in _of_events(partitions):
                self._service.forget(partition)
        self._observe()

    async def handle(self, records: Records) -> Handled:
        parts = [Part(run.partition.number, run.offsets, run.values) for run in records.runs]
        heavy = len(records) >= _THREAD_FROM or self._is_heavy(records)
        async with self._turn:
            if heavy:
                handled = await asyncio.to_thread(self._handle, parts, records)
            else:
                handled = self._handle(parts, records)
        self._observe()
        return handled

    async def idle(self) -> Handled:
        async with self._turn:
            if self._service.waiting() >= _EVALUATE_FROM:
                outcome = await asyncio.to_thread(self._service.idle)
            else:
                outcome = self._service.idle()
        return Handled(_outgoing(outcome.vectors)) if outcome.vectors else NOTHING

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        async with self._turn:
            snapshots = await asyncio.to_thread(
                self._service.snapshot, list(_of_events(partitions))
            )
        self._metrics.checkpoint_bytes.inc(sum(len(d.content) for s in snapshots for d in s.days))
        await self._repository.save(connection, snapshots)

    def _is_heavy(self, records: Records) -> bool:
        if self._service.waiting() >= _EVALUATE_FROM:
            return True
        return any(_TICK_KEY in run.keys for run in records.runs)

    def _handle(self, parts: Sequence[Part], records: Records) -> Handled:
        outcome = self._service.handle(parts)
        return Handled(_outgoing(outcome.vectors), _rejected(outcome, records))

    def _students(self) -> int:
        return sum(len(state.students) for state in self._service.states.values())

    def _observe(self) -> None:
        tally, metrics = self._service.emitter.take_tally(), self._metrics
        metrics.students.set(self._students())
        metrics.state_bytes.set(self._service.nbytes)
        metrics.evaluated.inc(tally.evaluated)
        metrics.emitted.inc(tally.emitted)
        metrics.coalesced.inc(self._service.take_coalesced())
        metrics.facts_refused.set(self._service.facts_refused)
        for feed, counts in self._service.counts().items():
            for outcome, count in zip(_OUTCOMES, counts, strict=True):
                metrics.events.labels(feed, outcome).set(count)


def learn_from(service: FeatureService) -> Callable[[Records], None]:
    """Return what a `CompactedReader` of directory's facts is to call."""

    def apply(records: Records) -> None:
        for record in records:
            student = (record.key or b"").decode("utf-8", "replace")
            try:
                facts = None if record.value is None else _decode_facts(record.value)
            except UNREADABLE as error:
                log.warning(
                    "features.facts_undecodable", offset=record.offset, reason=str(error)[:200]
                )
                continue
            service.learn(record.partition.number, student, facts)

    return apply


def _of_events(partitions: Iterable[Partition]) -> Iterable[int]:
    return (each.number for each in partitions if each.topic == CAMPUS_EVENTS.name)


def _outgoing(vectors: Sequence[FeatureVector]) -> list[Outgoing]:
    topic = STUDENT_FEATURES.name
    return [Outgoing(topic, one.student.encode(), encode(one)) for one in vectors]


def _rejected(outcome: Outcome, records: Records) -> list[Rejected]:
    if not outcome.refused:
        return []
    wanted = {(one.partition, one.offset): one for one in outcome.refused}
    rejected = []
    for record in _matching(records, wanted.keys()):
        why = wanted[record.partition.number, record.offset]
        rejected.append(Rejected(record, why.reason, why.detail, why.feed))
    return rejected


def _matching(records: Records, wanted: Iterable[tuple[int, int]]) -> Iterable[Record]:
    places = set(wanted)
    for run in records.runs:
        for index, offset in enumerate(run.offsets):
            if (run.partition.number, offset) in places:
                yield run.record(index)
