"""From an event to its assessment, read from the log after the load: who came when.

The topics are told to stamp records when the broker appends them, so that "published" means what a
consumer could read from then on, and so that no reader disturbs the services while they work.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from numpy.typing import NDArray

from shared.contracts.topics import CAMPUS_EVENTS, RISK_ASSESSMENTS, STUDENT_FEATURES

STAGES = ("sent_to_accepted", "sent_to_logged", "logged_to_vector", "vector_to_assessment")
TOPICS = (CAMPUS_EVENTS.name, STUDENT_FEATURES.name, RISK_ASSESSMENTS.name)
Ends = Mapping[TopicPartition, int]


class _Event(msgspec.Struct):
    id: str
    subject: str = ""


class _Vector(msgspec.Struct):
    id: str
    student: str
    position: int


class _Assessment(msgspec.Struct):
    vector: str


@dataclass
class Log:
    """What the three topics hold of a stretch of time; times in seconds."""

    events: dict[str, tuple[str, int, float]] = field(default_factory=dict)
    vectors: dict[str, list[tuple[int, str, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    assessments: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Journeys:
    """Times of each event that was followed by an assessment: `[n, 5]`, see `_row`."""

    times: NDArray[np.float64]
    unfollowed: int

    def stages_ms(self) -> dict[str, NDArray[np.float64]]:
        """Return milliseconds by stage."""
        sent, accepted, logged, vector, assessed = self.times.T * 1000
        stages = (accepted - sent, logged - sent, vector - logged, assessed - vector)
        return dict(zip(STAGES, stages, strict=True))

    def accepted_to_assessed_ms(self) -> NDArray[np.float64]:
        """Return what is promised; below zero where the answer came after the assessment."""
        found: NDArray[np.float64] = (self.times[:, 4] - self.times[:, 1]) * 1000
        return found

    def sent_to_assessed_ms(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = (self.times[:, 4] - self.times[:, 0]) * 1000
        return found


def trace(log: Log, sent: Mapping[str, tuple[float, float]]) -> Journeys:
    """Find for each event, by id with its times sent and accepted, what it led to.

    An event is covered by the first vector of its student whose position is not below its own.
    """
    rows, unfollowed = [], 0
    for event, (at, accepted) in sent.items():
        student, offset, logged = log.events.get(event, ("", 0, 0.0))
        vectors = log.vectors.get(student, [])
        place = bisect_left(vectors, offset, key=lambda one: one[0])
        assessed = log.assessments.get(vectors[place][1]) if place < len(vectors) else None
        if assessed is None:
            unfollowed += 1
        else:
            rows.append((at, accepted, logged, vectors[place][2], assessed))
    return Journeys(np.array(rows, np.float64).reshape(-1, 5), unfollowed)


async def stamp_on_append(servers: str) -> None:
    """Have the broker stamp the records of the pipeline's topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        wish = {"message.timestamp.type": "LogAppendTime"}
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, configs=wish) for name in TOPICS]
        )
    finally:
        await admin.close()


async def ends(servers: str) -> Ends:
    """Return where the topics end now."""
    consumer = await _consumer(servers)
    try:
        found: Ends = await consumer.end_offsets(consumer.assignment())
        return found
    finally:
        await consumer.stop()


async def read(servers: str, start: Ends) -> Log:
    """Read all that came since `start`."""
    log, notes = Log(), {TOPICS[0]: _note_event, TOPICS[1]: _note_vector}
    async for topic, records in _since(servers, start):
        note = notes.get(topic, _note_assessment)
        for record in records:
            if record.value is not None and record.key != b"tick":
                note(log, record)
    for vectors in log.vectors.values():
        vectors.sort()
    return log


async def _since(servers: str, start: Ends) -> AsyncIterator[tuple[str, Sequence[Any]]]:
    consumer = await _consumer(servers)
    try:
        stop = await consumer.end_offsets(consumer.assignment())
        for place in stop:
            consumer.seek(place, start[place])
        left = {place for place, end in stop.items() if start[place] < end}
        while left:
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                yield place.topic, records
                if records[-1].offset + 1 >= stop[place]:
                    left.discard(place)
    finally:
        await consumer.stop()


async def _consumer(servers: str) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(*TOPICS, bootstrap_servers=servers, group_id=None)
    await consumer.start()
    return consumer


def _note_event(log: Log, record: ConsumerRecord[bytes, bytes]) -> None:
    event = _decode_event(record.value or b"")
    log.events[event.id] = (event.subject, record.offset, record.timestamp / 1000)


def _note_vector(log: Log, record: ConsumerRecord[bytes, bytes]) -> None:
    vector = _decode_vector(record.value or b"")
    log.vectors[vector.student].append((vector.position, vector.id, record.timestamp / 1000))


def _note_assessment(log: Log, record: ConsumerRecord[bytes, bytes]) -> None:
    vector = _decode_assessment(record.value or b"").vector
    log.assessments.setdefault(vector, record.timestamp / 1000)


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_vector = msgspec.json.Decoder(_Vector).decode
_decode_assessment = msgspec.json.Decoder(_Assessment).decode
