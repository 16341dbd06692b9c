"""The stream edge: feature vectors in, assessments out, the latest of each student kept.

A vector whose position is not above the last one of its student is a repeat and is ignored. Every
accepted vector gets its own assessment, so that what is published does not depend on how polls cut
the log. One that cannot be read becomes a dead letter. A tombstone (an erased student) deletes the
row and is passed on. A shadow does the same and publishes nothing: what it says stays in its rows.
A shadow's unreadable vector is no dead letter either, since the champion's worker has made it one.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.judge import may_open
from scoring.domain.ports import Place
from scoring.metrics import Counts
from scoring.service.assessing import IN_SERVICE, ScoringService, Terms
from shared.bundle.manifest import Manifest
from shared.contracts.assessment import Assessment
from shared.contracts.codec import UNREADABLE, decoder, encode, require_storable
from shared.contracts.features import FeatureVector
from shared.contracts.topics import RISK_ASSESSMENTS
from shared.kernel.clock import Clock
from shared.kernel.errors import BackpressureError
from shared.stream.ports import NOTHING, Handled, Partition, Records, Rejected
from shared.stream.records import Outgoing

LARGE_BATCH = 256  # beyond, a thread does it, since the heartbeat shares the loop
_DECODE = decoder(FeatureVector).decode


class Store(Protocol):
    """Where the latest assessments are kept."""

    async def positions(self, partitions: Collection[int]) -> dict[int, dict[str, int]]: ...

    async def save(self, connection: AsyncConnection, places: Sequence[Place]) -> None: ...

    async def predict(self, connection: AsyncConnection, said: Iterable[Assessment]) -> None: ...

    async def forget(self, connection: AsyncConnection, students: Collection[str]) -> None: ...


@dataclass
class _Unsaved:
    """What the next save has to write of one partition: it deletes first, then puts."""

    erased: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    said: list[Assessment] = field(default_factory=list)

    def erase(self, student: str) -> None:
        self.erased.add(student)
        self.places.pop(student, None)
        self.said = [one for one in self.said if one.student != student]


class ScoringHandler:
    """Assesses what it reads; `positions` holds the last position of each student owned."""

    def __init__(
        self,
        service: ScoringService,
        repository: Store,
        metrics: Counts,
        clock: Clock,
        *,
        terms: Terms = IN_SERVICE,
        is_shadow: bool = False,
    ) -> None:
        self._service = service
        self._repository = repository
        self._metrics = metrics
        self._clock = clock
        self._terms = terms
        self._is_shadow = is_shadow
        self._positions: dict[int, dict[str, int]] = {}
        self._unsaved: defaultdict[int, _Unsaved] = defaultdict(_Unsaved)

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        self._positions |= await self._repository.positions({p.number for p in partitions})

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._positions.pop(partition.number, None)
            self._unsaved.pop(partition.number, None)

    async def handle(self, records: Records) -> Handled:
        model = self._service.model
        if model is None:
            raise BackpressureError("no bundle is in service")
        began = self._clock.monotonic()
        rejected: list[Rejected] = []
        vectors, partitions, tombstones = self._accepted(records, model.manifest, rejected)
        if len(vectors) > LARGE_BATCH:
            assessments = await asyncio.to_thread(self._assess, vectors)
        else:
            assessments = self._assess(vectors)
        for one, number, vector in zip(assessments, partitions, vectors, strict=True):
            unsaved = self._unsaved[number]
            has_inputs = not self._is_shadow and vector.catalogue == model.manifest.catalogue
            unsaved.places[one.student] = Place(number, one, vector.values if has_inputs else None)
            if may_open(one.probability, model.manifest.thresholds):
                unsaved.said.append(one)
        for (status, level), count in Counter((a.status, a.level) for a in assessments).items():
            self._metrics.assessed(status, level, count)
        self._metrics.batch(self._clock.monotonic() - began)
        if self._is_shadow:  # nobody but the table hears of it
            return NOTHING
        outgoing = [
            Outgoing(RISK_ASSESSMENTS.name, one.student.encode(), encode(one))
            for one in assessments
        ]
        return Handled([*outgoing, *tombstones], rejected)

    def _assess(self, vectors: list[FeatureVector]) -> list[Assessment]:
        return self._service.assess(vectors, terms=self._terms)

    def _accepted(
        self, records: Records, manifest: Manifest, rejected: list[Rejected]
    ) -> tuple[list[FeatureVector], list[int], list[Outgoing]]:
        """Return new vectors with their partitions, and tombstones that nothing came after."""
        accepted: list[tuple[FeatureVector, int]] = []
        tombstones: dict[str, Outgoing] = {}
        for run in records.runs:
            number = run.partition.number
            last = self._positions.setdefault(number, {})
            for index, (key, value) in enumerate(zip(run.keys, run.values, strict=True)):
                if value is None and key is not None:
                    student = key.decode(errors="replace")
                    accepted = [pair for pair in accepted if pair[0].student != student]
                    tombstones[student] = self._erase(student, number)
                    continue
                try:
                    vector = _read(value or b"", manifest)
                except UNREADABLE as error:
                    self._metrics.skipped("malformed")
                    rejected.append(Rejected(run.record(index), "malformed", str(error)[:200]))
                    continue
                if vector.position <= last.get(vector.student, -1):
                    self._metrics.skipped("repeat")
                    continue
                last[vector.student] = vector.position
                tombstones.pop(vector.student, None)
                accepted.append((vector, number))
        vectors, partitions = [v for v, _ in accepted], [n for _, n in accepted]
        return vectors, partitions, list(tombstones.values())

    def _erase(self, student: str, number: int) -> Outgoing:
        self._positions[number].pop(student, None)
        self._unsaved[number].erase(student)
        return Outgoing(RISK_ASSESSMENTS.name, student.encode(), None)

    async def save(self, connection: AsyncConnection, partitions: Sequence[Partition]) -> None:
        mine = [self._unsaved.pop(partition.number, _Unsaved()) for partition in partitions]
        await self._repository.forget(connection, {s for each in mine for s in each.erased})
        places = [place for each in mine for place in each.places.values()]
        await self._repository.save(connection, places)
        await self._repository.predict(connection, [one for each in mine for one in each.said])

    async def idle(self) -> Handled:
        return NOTHING


def _read(value: bytes, manifest: Manifest) -> FeatureVector:
    vector = _DECODE(value)
    require_storable([vector.student, vector.id, vector.college], [vector.position])
    widths = {len(vector.values), len(vector.coverage), len(vector.usual)}
    if vector.catalogue == manifest.catalogue and widths != {len(manifest.features)}:
        raise ValueError(f"{sorted(widths)} values of a catalogue of {len(manifest.features)}")
    return vector
