"""Hostile records on the topics: each is refused, and the next good record is handled."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.helpers.alerts import a_policy, assessment_json, screening_json
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle
from tests.helpers.feature_log import a_tick, an_event, facts
from tests.helpers.features_app import a_settings, running
from tests.helpers.hostile_records import HostileRecord, changed, no_documents
from tests.helpers.lanes import the_champions_worker
from tests.helpers.streams import SEALER
from tests.helpers.vectors import STUDENT, a_vector

from alerts.main import MIGRATIONS
from alerts.metrics import AlertMetrics
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import save_feeds, save_memberships
from alerts.tables import metadata
from alerts.worker import AssessmentHandler, FactsHandler, UrgentHandler
from scoring import main as scoring_main
from scoring import runtime
from scoring.config import Settings as ScoringSettings
from shared.bundle.keys import add_trusted
from shared.contracts.codec import encode
from shared.contracts.feed import FeedStatus
from shared.contracts.topics import (
    CAMPUS_EVENTS,
    CAMPUS_EVENTS_DEAD,
    DIRECTORY_STUDENTS,
    FEEDS_STATUS,
    RISK_ASSESSMENTS,
    STUDENT_FEATURES,
    Topic,
)
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import ManualClock
from shared.stream.dead_letters import DeadLetterLimit, DeadLetters
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handler, Outgoing
from shared.stream.testing import FakeBroker, FakeSink, FakeSource
from shared.stream.worker import Worker

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Lane:
    """One worker on a broker in memory, its good records, and how many of them it handled."""

    broker: FakeBroker
    worker: Worker
    topic: Topic
    key: bytes
    good: Callable[[int], bytes]
    handled: Callable[[], Awaitable[int]]
    refused: Callable[[], float]

    @property
    def source(self) -> FakeSource:
        source = self.worker._source
        assert isinstance(source, FakeSource)
        return source

    async def give(self, *records: HostileRecord) -> None:
        """Append records to the partition of the good ones and work off what is there."""
        for each in records:
            key = self.key if each.key is None else each.key
            self.broker.append(Outgoing(self.topic.name, key, each.value, partition=0))
        while await self.worker.run_once(0.0):
            pass


OpenLane: TypeAlias = AbstractAsyncContextManager[Lane]
Records: TypeAlias = Callable[[], Iterable[HostileRecord]]


def letters(broker: FakeBroker) -> int:
    return len(broker.records(CAMPUS_EVENTS_DEAD.name))


# --- the workers --------------------------------------------------------------------------------


@asynccontextmanager
async def features_lane(url: str, folder: Path) -> AsyncIterator[Lane]:
    del folder
    broker = FakeBroker(partitions=1)
    async with running(broker, a_settings(url)) as parts:
        parts.service.learn(0, "p1:a", facts("p1:a"))

        async def handled() -> int:
            return parts.service.counts().get("good", [0])[0]

        yield Lane(
            broker, parts.worker, CAMPUS_EVENTS, b"p1:a",
            lambda n: an_event(id=f"good-{n}", feed="good"), handled, lambda: letters(broker),
        )  # fmt: skip


@asynccontextmanager
async def scoring_lane(url: str, folder: Path) -> AsyncIterator[Lane]:
    broker = FakeBroker(partitions=1)
    add_trusted(folder / "trusted.json", TRUSTED.keys[0])
    settings = ScoringSettings(
        database_url=url,
        bundle_dir=a_bundle(folder / "bundle"),
        trusted_keys_file=folder / "trusted.json",
        dead_letter_key=SecretStr("ab" * 32),
        checkpoint_s=0.0,  # its clock stands still
    )
    parts = scoring_main.assemble(settings, ManualClock())
    parts.service._loader = lambda: runtime.load(
        settings.bundle_dir, TRUSTED, catalogue=CATALOGUE, features=FEATURES
    )
    await parts.load()
    worker = await the_champions_worker(parts, broker)
    assert worker._dead_letters is not None
    worker._dead_letters.limit = DeadLetterLimit(minimum=10**6)
    await worker.start()

    async def handled() -> int:
        kept = await parts.repository.find(STUDENT)
        return 0 if kept is None else kept.position

    yield Lane(
        broker, worker, STUDENT_FEATURES, STUDENT.encode(),
        lambda n: encode(a_vector(position=n)), handled, lambda: letters(broker),
    )  # fmt: skip
    await worker.close()
    await parts.database.close()


@asynccontextmanager
async def alerts_lane(
    url: str,
    topic: Topic,
    good: Callable[[int], bytes],
    make: Callable[[SqlStores, AlertMetrics], Handler],
) -> AsyncIterator[Lane]:
    broker, database, clock = FakeBroker(partitions=1), Database(url), ManualClock()
    await upgrade(database, MIGRATIONS, metadata)
    handler = make(SqlStores(database, a_policy(), clock), AlertMetrics(CollectorRegistry()))
    worker = Worker(
        source=FakeSource(broker, [topic], group="alerts"),
        sink=FakeSink(broker),
        handler=handler,
        group="alerts",
        policy=SavePolicy.every_batch(),
        database=database,
        bookmarks=Bookmarks(metadata),
        dead_letters=DeadLetters("alerts", SEALER, clock, DeadLetterLimit(minimum=10**6)),
        clock=clock,
    )
    await worker.start()

    async def handled() -> int:
        async with database.read() as connection:
            found = await connection.exec_driver_sql(LAST[topic.name])
            return int(found.scalar_one() or 0)

    yield Lane(broker, worker, topic, b"s1", good, handled, lambda: letters(broker))
    await worker.close()
    await database.close()


LAST = {
    CAMPUS_EVENTS.name: "SELECT COUNT(*) FROM alerts WHERE student LIKE 'good-%%'",
    RISK_ASSESSMENTS.name: "SELECT MAX(position) FROM students WHERE student = 's1'",
    DIRECTORY_STUDENTS.name: "SELECT MAX(version) FROM memberships WHERE student = 'p1:a'",
    FEEDS_STATUS.name: "SELECT MAX(CAST(owner AS INTEGER)) FROM feeds WHERE feed = 'card'",
}


def urgent_lane(url: str, _folder: Path) -> OpenLane:
    return alerts_lane(
        url,
        CAMPUS_EVENTS,
        lambda n: screening_json(f"good-{n}", n, [0] * 8 + [1]),
        lambda stores, metrics: UrgentHandler(stores, a_policy(), metrics, _nobody),
    )


def assessments_lane(url: str, _folder: Path) -> OpenLane:
    return alerts_lane(
        url,
        RISK_ASSESSMENTS,
        lambda n: assessment_json("s1", n, 0.01),
        lambda stores, metrics: AssessmentHandler(stores, a_policy(), metrics, _nobody),
    )


def students_lane(url: str, _folder: Path) -> OpenLane:
    return alerts_lane(
        url,
        DIRECTORY_STUDENTS,
        lambda n: encode(msgspec.structs.replace(facts("p1:a"), version=n)),
        lambda _stores, _metrics: FactsHandler(save_memberships, save_feeds),
    )


def feeds_lane(url: str, _folder: Path) -> OpenLane:
    return alerts_lane(
        url,
        FEEDS_STATUS,
        lambda n: encode(a_status(str(n))),
        lambda _stores, _metrics: FactsHandler(save_memberships, save_feeds),
    )


def a_status(owner: str) -> FeedStatus:
    return FeedStatus(
        feed="card", owner=owner, types=[], cadence_s=1.0, state="alive", at="2026-09-07T01:00:00Z"
    )


def _nobody() -> None: ...


# --- the records --------------------------------------------------------------------------------

_MENTION = b'"lantern.report.filed.v1"'  # else an urgent lane rightly does not look closer


def urgent_nonsense() -> list[HostileRecord]:
    return [HostileRecord(each.name, each.value + _MENTION) for each in no_documents()]


def campus_records() -> Iterator[HostileRecord]:
    yield from changed(an_event())
    for each in changed(a_tick(1)):
        yield HostileRecord(f"tick: {each.name}", each.value, b"tick")


LANES: dict[str, tuple[Callable[[str, Path], OpenLane], Records, Records]] = {
    "features": (features_lane, no_documents, campus_records),
    "scoring": (scoring_lane, no_documents, lambda: changed(encode(a_vector(position=1)))),
    "alerts urgent": (
        urgent_lane,
        urgent_nonsense,
        lambda: changed(screening_json("s2", 0, [0] * 8 + [3])),
    ),
    "alerts assessments": (
        assessments_lane,
        no_documents,
        lambda: changed(assessment_json("s1", 1, 0.9)),
    ),
    "alerts students": (students_lane, no_documents, lambda: changed(encode(facts("p1:a")))),
    "alerts feeds": (feeds_lane, no_documents, lambda: changed(encode(a_status("0")))),
}


async def survives(lane: Lane, number: int, hostile: HostileRecord) -> None:
    """Give a hostile record and a good one in one batch; the good one must be handled."""
    try:
        await lane.give(hostile, HostileRecord("good", lane.good(number)))
    except Exception as error:
        raise AssertionError(f"{hostile.name}: {type(error).__name__} {error}"[:500]) from error
    assert await lane.handled() == number, hostile.name


@pytest.mark.parametrize("name", LANES)
async def test_what_is_no_document_is_refused(name: str, database_url: str, tmp_path: Path) -> None:
    """Each becomes one dead letter; the next record is handled."""
    open_lane, nonsense, _ = LANES[name]
    async with open_lane(database_url, tmp_path) as lane:
        for number, hostile in enumerate(nonsense(), 1):
            await survives(lane, number, hostile)
            assert lane.refused() == number, hostile.name


@pytest.mark.parametrize("name", LANES)
async def test_a_changed_document_stops_nothing(
    name: str, database_url: str, tmp_path: Path
) -> None:
    """Whatever a field holds, the worker goes on without beginning again."""
    open_lane, _, documents = LANES[name]
    async with open_lane(database_url, tmp_path) as lane:
        for number, hostile in enumerate(documents(), 1):
            await survives(lane, number, hostile)
        assert lane.source.starts == 1
        assert lane.refused() > number / 3
