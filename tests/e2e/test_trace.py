"""One request is followed from the front door to the alert, by one trace id."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.config import Settings as AlertSettings
from alerts.main import build as build_alerts
from features.config import Settings as FeatureSettings
from features.main import build as build_features
from ingest.config import Settings as IngestSettings
from ingest.main import build as build_ingest
from scoring.config import Settings as ScoringSettings
from scoring.main import build as build_scoring
from shared.auth.dev_issuer import DevIssuer
from shared.contracts.topics import ALERTS_EVENTS, RISK_ASSESSMENTS, STUDENT_FEATURES, Topic
from shared.kernel.errors import UnavailableError
from shared.lifecycle import Service, serve
from shared.observability import logging
from shared.settings import load
from shared.stream.kafka import KafkaSource
from shared.stream.ports import Partition, Record
from shared.web.client import HttpClient

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
TYPES = {
    "lantern.report.filed.v1": {"urgency": "urgent", "reporter": "peer", "concern": "safety"},
    "lantern.card.swiped.v1": {"merchant": "meal", "amount": 9.5},
}
EVENTS = [
    {
        "specversion": "1.0", "type": kind, "id": f"e-{number}", "source": "urn:test",
        "subject": "2023000001", "time": "2026-09-14T04:00:00Z", "data": data,
    }
    for number, (kind, data) in enumerate(TYPES.items())
]  # fmt: skip


class _Everything:
    async def assigned(self, partitions: list[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def revoked(self, partitions: list[Partition]) -> None:
        """Nothing is kept."""


def build_all(kafka: str, prefix: str, home: Path) -> list[Service]:
    """Build the four services of the chain, each on a free port."""
    common: dict[str, Any] = {
        "kafka_bootstrap_servers": kafka, "topic_prefix": prefix, "home": home, "partitions": 3,
        "pseudonym_key": SecretStr("11" * 32), "dead_letter_key": SecretStr("22" * 32),
    }  # fmt: skip
    return [
        build_ingest(load(IngestSettings, **common, port=free_port())),
        build_features(load(FeatureSettings, **common, port=free_port())),
        build_scoring(load(ScoringSettings, **common, port=free_port())),
        build_alerts(load(AlertSettings, **common, port=free_port(), send="off")),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(services: list[Service]) -> AsyncIterator[None]:
    """Run services until the block ends; one that dies ends the test."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(services, stop))
        try:
            yield
        finally:
            stop.set()


def client(service: Service, token: str) -> HttpClient:
    headers = {"Authorization": f"Bearer {token}"}
    return HttpClient(f"http://127.0.0.1:{service.port}", headers=headers)


async def ready(web: HttpClient) -> None:
    while True:
        try:
            if (await web.get("/readyz")).status_code == 200:
                return
        except UnavailableError:
            pass
        await asyncio.sleep(0.1)


async def records(kafka: str, prefix: str, topic: Topic) -> list[Record]:
    """Return what a topic holds, once it holds anything."""
    source = KafkaSource(kafka, [topic], group=None, prefix=prefix)
    await source.start(_Everything())  # type: ignore[arg-type]  # lists are sequences enough
    try:
        found: list[Record] = []
        while not found:
            found = list(await source.poll(0.5, 100))
        return found
    finally:
        await source.stop()


async def report_urgently(web: HttpClient) -> None:
    """Register a feed and send its events in one request, as a traced caller does."""
    feed = {"owner": "o", "types": list(TYPES), "cadence_s": 3600}
    assert (await web.request("PUT", "/v1/feeds/care", json=feed)).status_code == 201
    key = (await web.post("/v1/feeds/care/keys", json={})).json()["key"]
    headers = {"X-API-Key": key, "traceparent": PARENT}
    headers["Content-Type"] = "application/cloudevents-batch+json"
    answer = await web.post("/v1/events", content=json.dumps(EVENTS), headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE}-")


async def until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    while not holds(found := (await ask()).json()):
        await asyncio.sleep(0.1)
    return found


async def test_an_urgent_report_is_found_by_its_trace_at_every_stage(
    kafka: str, topic_prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Vector, assessment, alert record, history, outbox and log lines name the caller's trace."""
    logging.configure("info", "json")
    ingest, _, _, alerts = services = build_all(kafka, topic_prefix, tmp_path)
    issuer = DevIssuer(tmp_path)
    staff = issuer.token("it", ("it",))
    officer = issuer.token("officer", ("school_officer",), school="u")
    async with (
        asyncio.timeout(120),
        running(services),
        client(ingest, staff) as door,
        client(alerts, officer) as desk,
    ):
        for web in (door, desk):
            await ready(web)
        await report_urgently(door)
        page = await until(lambda: desk.get("/v1/alerts"), lambda found: found["alerts"])
        alert = page["alerts"][0]["id"]
        detail = (await desk.get(f"/v1/alerts/{alert}")).json()
        [published] = await records(kafka, topic_prefix, ALERTS_EVENTS)
        outbox = (await desk.get("/v1/outbox", params={"alert": alert})).json()["items"]
        vectors = await records(kafka, topic_prefix, STUDENT_FEATURES)
        assessments = await records(kafka, topic_prefix, RISK_ASSESSMENTS)

    assert [line["trace_id"] for line in detail["history"]] == [TRACE]
    header = dict(published.headers)["traceparent"].decode()
    assert header.split("-")[1] == TRACE
    assert b"traceparent" not in (published.value or b"")  # its bytes are the same in every run
    assert {row["lane"] for row in outbox} >= {"publication", "console", "route"}
    assert {row["trace_id"] for row in outbox} == {TRACE}
    for record in (*vectors, *assessments):
        assert json.loads(record.value or b"")["traceparent"].split("-")[1] == TRACE
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line[:1] == "{"]
    told = {line["event"]: line for line in logged if line.get("trace_id") == TRACE}
    assert {"alert.opened", "alert.published"} <= told.keys()
    assert told["alert.opened"]["alert_level"] == "orange"
