"""On Apache Kafka too: what was served on a morning is what `dataset build` computes of it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import select
from tests.helpers.feature_log import facts
from tests.helpers.features_app import a_settings, sqlite_url
from tests.helpers.mornings import ByDay, a_morning_tick, cells_of, offline

from features import tables
from features.config import Settings
from features.main import Parts, assemble
from features.worker import GROUP
from shared.contracts.codec import decoder, encode
from shared.contracts.features import FeatureVector
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS, STUDENT_FEATURES
from shared.kernel.campus_time import parse_utc
from shared.kernel.clock import SystemClock
from shared.stream.kafka import KafkaSink, KafkaSource, create_topics
from shared.stream.records import Outgoing
from simulator import CampusConfig
from simulator.encode import EventEncoder
from simulator.simulation import Simulation, simulate

PAIRS = 1_000
PARTITIONS = 2
CAMPUS = CampusConfig(seed=6, students=60, teams=4, colleges=2, days=50, late_share=0.1)
decode = decoder(FeatureVector).decode


@pytest.mark.timeout(180)
async def test_a_thousand_random_pairs_are_bit_equal_on_a_real_broker(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    """The service is killed amid the log, and takes it up again from its checkpoint."""
    await create_topics(kafka, partitions=PARTITIONS, prefix=topic_prefix)
    simulation, url = simulate(CAMPUS), sqlite_url(tmp_path)
    names = [f"p1:{number}" for number in simulation.campus.numbers]
    records = list(_log(simulation, names))
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    known = [facts(name) for name in names]
    await sink.publish(
        [Outgoing(DIRECTORY_STUDENTS.name, one.student.encode(), encode(one)) for one in known]
    )
    for start in range(0, len(records), 5_000):
        await sink.publish(records[start : start + 5_000])
    await sink.stop()
    settings = a_settings(url, checkpoint_s=0.3, max_records=2_000)
    await _work(_parts(settings, kafka, topic_prefix), until=len(records) // 2)
    await _work(_parts(settings, kafka, topic_prefix), until=len(records))
    served = _by_day(simulation, await _published(kafka, topic_prefix))
    compared, differing = offline(served, url, tmp_path, most=4 * PAIRS)
    assert compared >= PAIRS
    assert not differing, f"{len(differing)}: {differing[:10]}"


def _log(simulation: Simulation, names: list[str]) -> Iterator[Outgoing]:
    """Yield a term as ingest writes it: each morning a tick to every partition."""
    encoder = EventEncoder(names, run="test", domain="example.edu", feed_attribute=True)
    for number, day in enumerate(simulation.days()):
        for chunk in day.chunks(encoder):
            for value in chunk.payload:
                yield Outgoing(CAMPUS_EVENTS.name, json.loads(value)["subject"].encode(), value)
        tick = encode(a_morning_tick(day.date + timedelta(days=1), number))
        for partition in range(PARTITIONS):
            yield Outgoing(CAMPUS_EVENTS.name, b"tick", tick, partition=partition)


def _parts(settings: Settings, kafka: str, prefix: str) -> Parts:
    return assemble(
        settings,
        events=KafkaSource(kafka, [CAMPUS_EVENTS], group=GROUP, prefix=prefix, instance="0"),
        facts=KafkaSource(kafka, [DIRECTORY_STUDENTS], group=None, prefix=prefix),
        sink=KafkaSink(kafka, prefix=prefix),
        clock=SystemClock(),
    )


async def _work(parts: Parts, *, until: int) -> None:
    """Work until so much of the log is behind the bookmarks; then it is killed."""
    try:
        await parts.load()
        async with parts.facts.loaded():
            await parts.worker.start()
            while await _behind(parts) < until:
                await parts.worker.run_once()
    finally:
        await parts.worker.close()
        await parts.database.close()


async def _behind(parts: Parts) -> int:
    async with parts.database.read() as connection:
        found = await connection.execute(select(tables.bookmarks.c.next_offset))
        return sum(max(0, offset) for (offset,) in found)


async def _published(kafka: str, prefix: str) -> list[FeatureVector]:
    """Return all vectors in the order of the log, repeats after the kill included."""
    places = [TopicPartition(prefix + STUDENT_FEATURES.name, n) for n in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None)
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[FeatureVector] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [decode(record.value) for record in batch if record.value]
    finally:
        await consumer.stop()
    return found


def _by_day(simulation: Simulation, vectors: list[FeatureVector]) -> ByDay:
    """Return what stood in the topic for each student when a morning's tick had been applied."""
    zone = CAMPUS.zone
    by_morning: dict[date, list[FeatureVector]] = {}
    for one in vectors:
        by_morning.setdefault(parse_utc(one.as_of).astimezone(zone).date(), []).append(one)
    latest: dict[str, FeatureVector] = {}
    served: ByDay = {}
    for day in simulation.days():
        morning = day.date + timedelta(days=1)
        for one in by_morning.get(morning, ()):
            if one.student not in latest or one.position > latest[one.student].position:
                latest[one.student] = one
        served[morning.isoformat()] = {name: cells_of(one) for name, one in latest.items()}
    return served
