"""Ingest on a real Apache Kafka."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.helpers.ingest_app import IngestApp, MemorySink, some_settings
from tests.helpers.ingest_kit import an_event, raws

from ingest.config import Settings
from ingest.main import Parts, _letter_reader, assemble, build_app
from shared.auth.testing import an_actor, fixed
from shared.contracts.topics import CAMPUS_EVENTS, TOPICS, Topic
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.clock import SystemClock
from shared.stream.kafka import create_topics
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource
from shared.stream.partitioner import partition_for
from shared.stream.ports import Partition, Record


class Everything:
    """An `Ownership` that reads all from the start."""

    async def assigned(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def revoked(self, partitions: Sequence[Partition]) -> None: ...


async def log_of(settings: Settings, topic: Topic, at_least: int) -> list[Record]:
    """Read a topic from its start until it holds so many records, and a moment longer."""
    source = KafkaSource(
        settings.kafka_bootstrap_servers, [topic], group=None, prefix=settings.topic_prefix
    )
    await source.start(Everything())
    records: list[Record] = []
    try:
        async with asyncio.timeout(30):
            while len(records) < at_least:
                records.extend(await source.poll(0.2, 1000))
        records.extend(await source.poll(0.3, 1000))
    finally:
        await source.stop()
    return records


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Parts, IngestApp]]:
    """One life of ingest on the broker, without its HTTP port and jobs."""
    sink = KafkaSink(
        settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        delivery_timeout_s=settings.publish_timeout_s,
    )
    parts, caller = assemble(settings, sink, SystemClock()), fixed(an_actor("it"))
    await parts.load()
    await sink.start()
    transport = httpx2.ASGITransport(app=build_app(parts, caller))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as http:
            yield parts, IngestApp(parts, MemorySink(), http, caller, parts.clock)  # type: ignore[arg-type]
    finally:
        await sink.stop()
        await parts.database.close()


@pytest.fixture
async def settings(kafka: str, topic_prefix: str, tmp_path: Path) -> Settings:
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=TOPICS)
    return some_settings(
        tmp_path,
        kafka_bootstrap_servers=kafka,
        topic_prefix=topic_prefix,
        ticks="event",
        tick_interval_s=86_400,
        max_future_s=None,
        publish_timeout_s=5.0,
    )


def a_batch(*events: dict[str, Any]) -> bytes:
    return b"[" + b",".join(raws(*events)) + b"]"


async def test_an_accepted_event_is_read_under_its_pseudonym(settings: Settings) -> None:
    """202 comes after the acknowledgement; key and partition are the pseudonym's."""
    async with running(settings) as (_, app):
        await app.register()
        answer = await app.send(a_batch(*(an_event(f"e{n}", subject=f"2023{n}") for n in range(9))))
        assert answer.json()["accepted"] == 9
    records = await log_of(settings, CAMPUS_EVENTS, 9)
    pseudonym = Pseudonymiser("p1", bytes.fromhex("11" * 32)).pseudonym
    expected = {pseudonym(f"2023{n}").encode() for n in range(9)}
    assert {record.key for record in records} == expected
    for record in records:
        assert record.partition.number == partition_for(record.key or b"", 3)
        assert json.loads(record.value or b"")["subject"] == (record.key or b"").decode()


async def test_a_restart_remembers_what_was_accepted(settings: Settings) -> None:
    """The same batch after a restart is all duplicates, and the log holds one copy."""
    batch = a_batch(*(an_event(f"e{n}") for n in range(20)))
    async with running(settings) as (_, app):
        await app.register()
        assert (await app.send(batch)).json()["accepted"] == 20
        key = app.key
    async with running(settings) as (_, app):
        app.key = key
        assert (await app.send(batch)).json()["duplicate"] == 20
        counts = (await app.http.get("/v1/counts")).json()["total"]
    assert counts == {"read": 40, "accepted": 20, "duplicate": 20, "rejected": 0}
    assert len(await log_of(settings, CAMPUS_EVENTS, 20)) == 20


async def test_every_partition_gets_the_tick_at_its_place(settings: Settings) -> None:
    """In each partition the tick stands after the earlier day and before the later one."""
    days = ("2026-09-14T04:00:00Z", "2026-09-15T04:00:00Z")
    events = [
        an_event(f"{day}-{n}", subject=f"2023{n}", time=day) for day in days for n in range(30)
    ]
    async with running(settings) as (_, app):
        await app.register()
        await app.send(a_batch(*events))
    by_partition: dict[int, list[str]] = {}
    for record in await log_of(settings, CAMPUS_EVENTS, 63):
        by_partition.setdefault(record.partition.number, []).append(
            json.loads(record.value or b"")["time"]
        )
    assert sorted(by_partition) == [0, 1, 2]
    for times in by_partition.values():
        assert times == sorted(times)
        assert times.count("2026-09-14T20:00:00Z") == 1


async def test_dead_letters_come_back_into_the_list_and_can_be_redriven(settings: Settings) -> None:
    """A rejected event is listed after the reader has seen it in its topic."""
    async with running(settings) as (parts, app):
        await app.register()
        await app.send(a_batch(an_event(data={"amount": -1})))
        worker = _letter_reader(parts)
        await worker.start()
        try:
            async with asyncio.timeout(30):
                while not (found := (await app.http.get("/v1/dead-letters")).json()["letters"]):
                    await worker.run_once()
            await worker.drain()
        finally:
            await worker.close()
        [letter] = found
        done = await app.http.post(f"/v1/dead-letters/{letter['id']}/redrive")
    assert (letter["reason"], letter["feed"], letter["stage"]) == ("out_of_range", "card", "ingest")
    assert done.json()["result"]["status"] == "rejected"


async def test_a_broker_that_is_not_there_is_503_in_bounded_time(
    tmp_path: Path,
) -> None:
    """Nothing is kept, the answer comes within the limit, and says when to come back."""
    settings = some_settings(
        tmp_path,
        kafka_bootstrap_servers="127.0.0.1:1",
        publish_timeout_s=1.0,
    )
    sink = KafkaSink(settings.kafka_bootstrap_servers, delivery_timeout_s=1.0)
    parts, caller = assemble(settings, sink, SystemClock()), fixed(an_actor("it"))
    await parts.load()
    transport = httpx2.ASGITransport(app=build_app(parts, caller))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as http:
            app = IngestApp(parts, MemorySink(), http, caller, parts.clock)  # type: ignore[arg-type]
            await app.register()
            async with asyncio.timeout(15):
                answer = await app.send(a_batch(an_event(time="2026-09-14T04:00:00Z")))
            counts = (await http.get("/v1/counts")).json()["total"]
    finally:
        await sink.stop()
        await parts.database.close()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert counts["read"] == 0
