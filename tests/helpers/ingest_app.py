"""Ingest's real app over ASGI, on a database of the test's choice and a sink that remembers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr
from tests.helpers.ingest_kit import CARD, NOW

from ingest.config import Settings
from ingest.main import Parts, assemble, build_app
from shared.auth.testing import Fixed, an_actor, fixed
from shared.kernel.clock import ManualClock
from shared.kernel.errors import UnavailableError
from shared.stream.ports import Outgoing

BATCH = "application/cloudevents-batch+json"


class MemorySink:
    """Remembers what was published; `is_away` refuses."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []
        self.is_away = False

    async def start(self) -> None: ...

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if self.is_away:
            raise UnavailableError("kafka: away")
        self.published.extend(outgoing)

    async def stop(self) -> None: ...

    def of(self, topic: str) -> list[Outgoing]:
        return [each for each in self.published if each.topic == topic]


def some_settings(home: Path, **changes: Any) -> Settings:
    """Build settings of a test; `database_url` and all others may be given."""
    values: dict[str, Any] = {
        "home": home,
        "pseudonym_key": SecretStr("11" * 32),
        "dead_letter_key": SecretStr("22" * 32),
        "partitions": 3,
        "max_body_bytes": 1_000_000,
    }
    return Settings(**{**values, **changes})


@dataclass
class IngestApp:
    """A running app, its client, and what stands behind it."""

    parts: Parts
    sink: MemorySink
    http: httpx2.AsyncClient
    caller: Fixed
    clock: ManualClock
    key: str = ""

    async def send(self, body: bytes, content_type: str = BATCH, **headers: str) -> httpx2.Response:
        given = {"X-API-Key": self.key, "Content-Type": content_type, **headers}
        return await self.http.post(
            "/v1/events", content=body, headers={k: v for k, v in given.items() if v}
        )

    async def register(
        self, feed: str = "card", types: Sequence[str] = (CARD,), **more: Any
    ) -> None:
        """Register a feed and keep a fresh key of it."""
        body = {"owner": "card office", "types": list(types), "cadence_s": 86_400, **more}
        answer = await self.http.put(f"/v1/feeds/{feed}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        answer = await self.http.post(f"/v1/feeds/{feed}/keys", json={})
        self.key = answer.json()["key"]


@asynccontextmanager
async def ingest_app(
    settings: Settings, sink: MemorySink | None = None
) -> AsyncIterator[IngestApp]:
    """Assemble ingest, load it, and open a client as a member of IT."""
    sink, clock, caller = sink or MemorySink(), ManualClock(NOW), fixed(an_actor("it"))
    parts = assemble(settings, sink, clock)
    await parts.load()
    transport = httpx2.ASGITransport(app=build_app(parts, caller))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as http:
            yield IngestApp(parts, sink, http, caller, clock)
    finally:
        await parts.database.close()
