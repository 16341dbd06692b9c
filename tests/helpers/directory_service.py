"""A directory service for tests: real database, manual clock, sink in memory, callers by name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from tests.helpers.rosters import zipped

from directory import tables
from directory.domain.signing import HeadSigner
from directory.domain.vault import Vault
from directory.jobs import DailyJob, OutboxSender
from directory.main import MIGRATIONS
from directory.metrics import DirectoryMetrics
from directory.repository.outbox import OutboxRepository
from directory.repository.work import DatabaseWork
from directory.routes import Desks, build_router
from directory.service.facts import FactsPublisher
from directory.service.identities import IdentityDesk
from directory.service.people import PeopleDesk
from directory.service.roster import RosterImporter
from directory.service.students import StudentDesk
from shared.auth.actor import Actor
from shared.auth.testing import Fixed, an_actor, fixed
from shared.contracts.codec import decoder
from shared.contracts.student import StudentFacts
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker, FakeSink
from shared.web.app import create_app
from shared.web.health import Health

KEY = bytes(range(32))
VAULT = Vault(Sealer("v1", {"v1": KEY}), KEY)
PSEUDONYMS = Pseudonymiser("p1", b"k" * 32)
ANN, BOB, CAT, EVE = (
    PSEUDONYMS.pseudonym(number)
    for number in ("2023900001", "2023900002", "2023900003", "2022900004")
)
DAN, FAY, GUS, HAL, IVY = (
    VAULT.person_id(source) for source in ("a-dan", "k-fay", "k-gus", "o-hal", "i-ivy")
)
SERVICE = an_actor("service")
OFFICER = an_actor("school_officer", id=HAL, school="u1")
SECOND_OFFICER = an_actor("school_officer", id="person_second", school="u1")
COUNSELLOR = an_actor("college_counsellor", id=FAY, school="u1", colleges=["c1"])
OTHER_COUNSELLOR = an_actor("college_counsellor", id=GUS, school="u1", colleges=["c2"])
ADVISOR = an_actor("advisor", id=DAN, school="u1", teams=["t1"])
PEER = an_actor("peer_helper", school="u1", teams=["t1"])
STUDENT = an_actor("student", school="u1", student=ANN)
IT = an_actor("it")
decode = decoder(StudentFacts).decode


@dataclass
class DirectoryUnderTest:
    """The service with its parts at hand."""

    app: FastAPI
    http: httpx2.AsyncClient
    database: Database
    work: DatabaseWork
    broker: FakeBroker
    sink: FakeSink
    sender: OutboxSender
    daily: DailyJob
    clock: ManualClock
    signer: HeadSigner
    caller: Fixed
    responses: list[str] = field(default_factory=list)

    async def ask(self, actor: Actor, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request as somebody."""
        self.caller.actor = actor
        answer = await self.http.request(method, f"/v1{path}", **more)
        self.responses.append(answer.text)
        return answer

    async def load(self, files: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
        """Import a set and return the report."""
        data = zipped() if files is None else zipped(files)
        answer = await self.ask(
            SERVICE, "POST", "/roster/imports", files={"file": ("r.zip", data)}, params=query
        )
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    async def sent(self) -> list[StudentFacts]:
        """Drain the outbox and return all that was ever published, in order a student."""
        while await self.sender.run_once():
            pass
        return [decode(value) for value in self.broker.values("directory.students.v1")]

    async def facts(self, student: str) -> StudentFacts:
        """Return the last facts of a student."""
        return [facts for facts in await self.sent() if facts.student == student][-1]

    async def trail(self) -> list[tuple[str, str, str]]:
        """Return who did what with which outcome."""
        async with self.work.read() as stores:
            links = await stores.audit.page(0, 1000)
        return [(one.entry.actor, one.entry.action, one.entry.outcome) for one in links]


@asynccontextmanager
async def running_directory(url: str) -> AsyncIterator[DirectoryUnderTest]:
    """Build the service on a database and serve it over ASGI."""
    database = Database(url)
    await upgrade(database, MIGRATIONS, tables.metadata)
    clock = ManualClock(datetime(2026, 9, 20, 2, tzinfo=UTC))
    registry, caller, broker = CollectorRegistry(), fixed(SERVICE), FakeBroker()
    work, metrics = DatabaseWork(database), DirectoryMetrics(registry)
    publisher, signer = FactsPublisher(ZoneInfo("Asia/Shanghai")), HeadSigner(KEY)
    sink, numbers = FakeSink(broker), count(1)
    sender = OutboxSender(OutboxRepository(database), sink, metrics=metrics, poll_s=0.01)
    daily = DailyJob(work, clock, publisher, signer, metrics=metrics, poll_s=0.01)
    desks = Desks(
        work=work,
        clock=clock,
        people=PeopleDesk(VAULT, publisher),
        students=StudentDesk(publisher),
        roster=RosterImporter(VAULT, PSEUDONYMS, publisher),
        identities=IdentityDesk(VAULT, PSEUDONYMS, lambda kind: f"{kind}_{next(numbers)}"),
        is_signature=signer.is_signature,
        metrics=metrics,
        wake=sender.wake,
        max_import_bytes=4 * 1024 * 1024,
    )
    app = create_app("directory", [build_router(desks, caller)], health=Health(), registry=registry)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://directory") as http:
        yield DirectoryUnderTest(
            app=app,
            http=http,
            database=database,
            work=work,
            broker=broker,
            sink=sink,
            sender=sender,
            daily=daily,
            clock=clock,
            signer=signer,
            caller=caller,
        )
    await database.close()
