"""The feature service is killed with -9 during a replay on real Kafka, on both databases."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.helpers.feature_log import a_tick, an_event, at, digest_of, facts
from tests.helpers.features_app import KEY, a_settings
from tests.helpers.ports import free_port

from features import tables
from features.main import assemble
from features.worker import GROUP
from shared.contracts.codec import encode
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS, TOPICS
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.stream.kafka import KafkaSink, create_topics
from shared.stream.ports import Outgoing
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

ROOT = Path(__file__).parents[2]
PARTITIONS, STUDENTS, DAYS = 3, 40, 20
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


def a_replay() -> list[Outgoing]:
    """Twenty days of forty students, with repeats, late and hopeless records."""
    draw, topic = random.Random(7), CAMPUS_EVENTS.name  # noqa: S311 - a test's dice
    log: list[Outgoing] = []
    for day in range(DAYS):
        for number in range(STUDENTS):
            student = f"p1:{number}"
            for meal in range(draw.randint(0, 3)):
                time = at(day, draw.randint(0, 700))
                event = an_event(id=f"{day}-{number}-{meal}", student=student, time=time)
                log += [Outgoing(topic, student.encode(), event)] * draw.choice((1, 1, 1, 2))
        late = an_event(id=f"late-{day}", student="p1:1", time=at(day - 200))
        log += [Outgoing(topic, b"p1:1", late), Outgoing(topic, b"p1:2", b"{broken")]
        tick = a_tick(day + 0.83)
        log += [Outgoing(topic, b"tick", tick, partition=n) for n in range(PARTITIONS)]
    return log


@contextmanager
def a_process(kafka: str, prefix: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PYTHONPATH": str(ROOT),
        "LANTERN_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "LANTERN_TOPIC_PREFIX": prefix,
        "LANTERN_PARTITIONS": str(PARTITIONS),
        "LANTERN_DEAD_LETTER_KEY": KEY.get_secret_value(),
        "LANTERN_FEATURES_DATABASE_URL": url,
        "LANTERN_FEATURES_FLUSH": "ticks",
        "LANTERN_FEATURES_CHECKPOINT_S": "0.1",
        "LANTERN_FEATURES_MAX_RECORDS": "150",
        "LANTERN_FEATURES_PORT": str(free_port()),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.features_process"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def progress(database: Database) -> int:
    """Return how many records are behind the bookmarks; 0 before the tables are there."""
    async with database.read() as connection:
        found = await connection.execute(select(tables.bookmarks.c.next_offset))
        return sum(max(offset, 0) for (offset,) in found)


async def _reached(database: Database, records: int) -> None:
    async with asyncio.timeout(150):
        while True:
            try:
                if await progress(database) >= records:
                    return
            except Exception:  # noqa: BLE001, S110 - the tables are not there yet
                pass
            await asyncio.sleep(0.02)


async def stored(url: str) -> tuple[tuple[str, str], Mapping[str, list[int]]]:
    """Return digests and counts of what the database holds."""
    broker = FakeBroker(partitions=PARTITIONS)
    parts = assemble(
        a_settings(url),
        events=FakeSource(broker, [CAMPUS_EVENTS], group=GROUP),
        facts=FakeSource(broker, [DIRECTORY_STUDENTS], group=None),
        sink=FakeSink(broker),
        clock=SystemClock(),
    )
    async with parts.database.read() as connection:
        for number in range(PARTITIONS):
            parts.service.load(number, await parts.repository.load(connection, number))
    await parts.database.close()
    return digest_of(parts.service), parts.service.counts()


async def undisturbed(
    folder: Path, log: list[Outgoing]
) -> tuple[tuple[str, str], Mapping[str, list[int]]]:
    """Return what the same log gives on a broker in memory, in one piece."""
    broker = FakeBroker(partitions=PARTITIONS)
    for number in range(STUDENTS + 5):
        fact = facts(f"p1:{number}")
        broker.append(Outgoing(DIRECTORY_STUDENTS.name, fact.student.encode(), encode(fact)))
    broker.append(*log)
    parts = assemble(
        a_settings(f"sqlite+aiosqlite:///{folder / 'plain.db'}"),
        events=FakeSource(broker, [CAMPUS_EVENTS], group=GROUP),
        facts=FakeSource(broker, [DIRECTORY_STUDENTS], group=None),
        sink=FakeSink(broker),
        clock=SystemClock(),
    )
    await parts.load()
    await parts.facts.load()
    await parts.worker.start()
    while await parts.worker.run_once(0.0):
        pass
    found = digest_of(parts.service), parts.service.counts()
    await parts.worker.close()
    await parts.database.close()
    return found


async def test_killed_again_and_again_it_ends_as_if_undisturbed(
    kafka: str, topic_prefix: str, database_url: str, tmp_path: Path
) -> None:
    """After kills at several depths of a replay, digests and counts are those of a quiet run."""
    log = a_replay()
    expected = await undisturbed(tmp_path, log)
    await create_topics(kafka, partitions=PARTITIONS, prefix=topic_prefix, topics=TOPICS)
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    known = [facts(f"p1:{number}") for number in range(STUDENTS + 5)]
    await sink.publish(
        [Outgoing(DIRECTORY_STUDENTS.name, f.student.encode(), encode(f)) for f in known]
    )
    await sink.publish(log)
    await sink.stop()
    database = Database(database_url)
    for share in (0.05, 0.3, 0.45, 0.8):
        with a_process(kafka, topic_prefix, database_url):
            await _reached(database, int(len(log) * share))
    with a_process(kafka, topic_prefix, database_url):
        await _reached(database, len(log))
    await database.close()
    assert await stored(database_url) == expected
    feeds = expected[1]
    assert feeds["card"][1] > 0
    assert feeds[""][2] == DAYS
