"""A worker process is killed with -9 again and again: every event counts exactly once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.helpers.streams import a_database, an_event, counts_in

from shared.contracts.topics import TOPICS
from shared.stream.kafka import KafkaSink, create_topics

ROOT = Path(__file__).parents[2]
EVENTS = 3_000
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@contextmanager
def a_process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.counting_process", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_kill_and_restart(kafka: str, topic_prefix: str, database_url: str) -> None:
    """After kills at several moments the stored counts equal the events, on both databases."""
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=TOPICS)
    database = await a_database(database_url)
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    keys = [f"student-{number % 11}" for number in range(EVENTS)]
    await sink.publish([an_event(key) for key in keys])
    await sink.stop()
    for pause_s in (1.2, 1.5, 2.0):
        with a_process(kafka, topic_prefix, database_url):
            await asyncio.sleep(pause_s)
    with a_process(kafka, topic_prefix, database_url) as process:
        async with asyncio.timeout(60):
            while sum((await counts_in(database)).values()) < EVENTS:
                await asyncio.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 30) == 0
    assert await counts_in(database) == Counter(keys)
    await database.close()
