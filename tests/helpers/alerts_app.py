"""The app of alerts on a real database, with callers by role and people that a test names."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx2
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from tests.helpers.alerts import a_policy

from alerts.domain.evidence import Evidence
from alerts.domain.ports import Recipient
from alerts.main import MIGRATIONS
from alerts.notifiers.console import Broadcast
from alerts.repository.alerts import SqlAlerts
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import SqlFeeds, save_memberships
from alerts.repository.outbox_view import SqlOutboxView
from alerts.routes import Parts, build_router
from alerts.service import AlertService, apply_evidence
from alerts.tables import metadata
from shared.auth.actor import Actor
from shared.auth.testing import Fixed, an_actor, fixed
from shared.contracts.alert import Tier
from shared.contracts.student import StudentFacts
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import SystemClock
from shared.web.app import create_app
from shared.web.health import Health

OFFICER = an_actor("school_officer", school="u")
COUNSELLOR = an_actor("college_counsellor", colleges=["c1"])
ADVISOR = an_actor("advisor", teams=["t1"])
PEER = an_actor("peer_helper", teams=["t1"])
SERVICE = an_actor("service")
STUDENT = an_actor("student", student="s1")
IT = an_actor("it")


class People:
    """Directory as a test wants it."""

    def __init__(self) -> None:
        self.tiers: dict[str, list[Recipient]] = {}

    async def of(self, student: str, tier: Tier) -> Sequence[Recipient]:
        return self.tiers.get(tier, [])


@dataclass
class World:
    """One service: its app, its database and who calls."""

    app: FastAPI
    database: Database
    stores: SqlStores
    broadcast: Broadcast
    caller: Fixed
    people: People
    places: dict[str, tuple[str, str]] = field(default_factory=dict)

    @asynccontextmanager
    async def client(self, actor: Actor) -> AsyncIterator[httpx2.AsyncClient]:
        self.caller.actor = actor
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://alerts") as client:
            yield client

    async def place(self, student: str, college: str = "c1", team: str = "t1") -> None:
        fact = StudentFacts(
            student=student, school="u", college=college, team=team, enrolled=True,
            degree="master", intake=2025, masks=[], updated_at="2026-09-01T00:00:00Z", version=1,
        )  # fmt: skip
        async with self.database.write() as connection:
            await save_memberships(connection, [fact])

    async def decide(self, *evidence: Evidence) -> str:
        """Decide on evidence and return the id of the last entry's alert."""
        async with self.stores.write() as store:
            tally = await apply_evidence(store, evidence, a_policy())
        self.broadcast.wake()
        return tally.entries[-1].alert if tally.entries else ""


@asynccontextmanager
async def a_world(url: str) -> AsyncIterator[World]:
    """Yield a migrated service."""
    database, broadcast, people, caller = Database(url), Broadcast(), People(), fixed(SERVICE)
    policy = replace(a_policy(), second_verdicts=frozenset({"c1"}))
    await upgrade(database, MIGRATIONS, metadata)
    stores = SqlStores(database, policy, SystemClock())
    parts = Parts(
        service=AlertService(stores, policy, SystemClock(), broadcast.wake),
        alerts=SqlAlerts(database),
        outbox=SqlOutboxView(database),
        feeds=SqlFeeds(database),
        recipients=people,
        watching=broadcast,
        policy=policy,
        timezone="Asia/Shanghai",
    )
    app = create_app(
        "alerts", [build_router(parts, caller)], health=Health(), registry=CollectorRegistry()
    )
    try:
        yield World(app, database, stores, broadcast, caller, people)
    finally:
        await database.close()


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Leave signals to the test runner."""


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve an app on a free loopback port and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
