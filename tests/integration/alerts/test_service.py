"""The whole service on real Apache Kafka: streams in, decisions, the log of alerts out."""

import asyncio
import socket
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from tests.helpers.alerts import assessment_json, screening_json

from alerts.main import Settings, build
from shared.auth.dev_issuer import DevIssuer
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import decoder
from shared.contracts.topics import ALERTS_EVENTS, CAMPUS_EVENTS, RISK_ASSESSMENTS
from shared.lifecycle import serve
from shared.stream.kafka import KafkaSink, KafkaSource, create_topics
from shared.stream.ports import Outgoing, Partition

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]
_decode = decoder(AlertEvent).decode


class _Everything:
    async def assigned(self, partitions: list[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def revoked(self, partitions: list[Partition]) -> None:
        """Nothing is kept."""


def a_setting(home: Path, kafka: str, prefix: str, port: int) -> Settings:
    return Settings(
        kafka_bootstrap_servers=kafka, topic_prefix=prefix, home=home, port=port,
        database_url=f"sqlite+aiosqlite:///{home / 'alerts.db'}", partitions=3,
        dead_letter_key=SecretStr("ab" * 32), send="off", auth_jwks_file=None,
    )  # fmt: skip


async def test_signals_become_alerts_once_also_after_a_restart(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    """A screening and an assessment become two alerts, on REST and log; a restart adds none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = a_setting(tmp_path, kafka, topic_prefix, port)
    token = DevIssuer(tmp_path).token("officer", ("school_officer",), school="u")
    await create_topics(kafka, partitions=3, replication=1, prefix=topic_prefix)
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    found: list[dict[str, object]] = []
    for _ in range(2):
        stop = asyncio.Event()
        running = asyncio.create_task(serve([build(settings)], stop))
        await sink.publish(
            [
                Outgoing(CAMPUS_EVENTS.name, b"s1", screening_json("s1", 1, [0] * 8 + [2])),
                Outgoing(CAMPUS_EVENTS.name, b"s1", b"no event at all"),
                Outgoing(RISK_ASSESSMENTS.name, b"s2", assessment_json("s2", 1, 0.7)),
            ]
        )
        found = await _alerts(port, token, 2, running)
        await asyncio.sleep(1.5)
        stop.set()
        await running
    assert {(a["student"], a["level"]) for a in found} == {("s1", "orange"), ("s2", "orange")}
    events = await _log(kafka, topic_prefix)
    assert sorted((e.student, e.kind, e.reason) for e in events.values()) == [
        ("s1", "opened", "phq9_item9_high"),
        ("s2", "opened", "threshold_crossed"),
    ]
    await sink.stop()


async def _alerts(
    port: int, token: str, count: int, running: "asyncio.Task[None]"
) -> list[dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(60),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client,
    ):
        while True:
            if running.done():
                running.result()
            try:
                answer = await client.get("/v1/alerts")
                found: list[dict[str, object]] = answer.raise_for_status().json()["alerts"]
            except httpx2.TransportError:
                found = []
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def _log(kafka: str, prefix: str) -> dict[str, AlertEvent]:
    source = KafkaSource(kafka, [ALERTS_EVENTS], group=None, prefix=prefix)
    await source.start(_Everything())  # type: ignore[arg-type]  # lists are sequences enough
    events: dict[str, AlertEvent] = {}
    for _ in range(10):
        for record in await source.poll(0.5, 100):
            event = _decode(record.value or b"")
            events[event.id] = event
    await source.stop()
    return events
