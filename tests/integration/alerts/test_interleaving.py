"""Two transactions at once on PostgreSQL: what the second may see, and what nobody may miss."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from prometheus_client import CollectorRegistry
from tests.helpers.alerts import a_policy, urgent
from tests.integration.alerts.test_decisions import facts

from alerts.domain.ports import Item
from alerts.domain.retries import Retries
from alerts.domain.views import Filter
from alerts.jobs.bell import Bell
from alerts.jobs.lane import PublicationRunner, Tools
from alerts.main import MIGRATIONS
from alerts.metrics import AlertMetrics
from alerts.repository.alerts import SqlAlerts
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import save_memberships
from alerts.repository.outbox import SqlOutbox
from alerts.service import apply_evidence
from alerts.tables import metadata
from shared.auth.permission import Rows
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import ManualClock

ALL = Rows(everything=True)
A_WHILE_S = 0.3  # by then a transaction that does not wait has long been through
pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    made = Database(postgres_url)
    await upgrade(made, MIGRATIONS, metadata)
    yield made
    await made.close()


async def a_while() -> None:
    await asyncio.sleep(A_WHILE_S)


async def decide(stores: SqlStores, student: str) -> None:
    async with stores.write() as store:
        await apply_evidence(store, [urgent(1, student=student)], a_policy())


async def test_a_live_stream_misses_no_line_of_a_slow_transaction(
    database: Database, stores: SqlStores
) -> None:
    """A viewer who comes again with the last number gets what a slower transaction held back."""
    async with asyncio.TaskGroup() as group, stores.write() as slow:
        await apply_evidence(slow, [urgent(1, student="slow")], a_policy())
        group.create_task(decide(stores, "quick"))
        await a_while()
        reader = SqlAlerts(database)
        seen = {line.alert for line, _ in await reader.since(0, ALL)}
        last = await reader.last_number()
    later = {line.alert for line, _ in await reader.since(last, ALL)}
    told = {
        record.student for record in await reader.list(Filter(), ALL) if record.id in seen | later
    }
    assert told == {"slow", "quick"}


async def test_an_alert_that_is_opened_while_its_membership_arrives_is_placed(
    database: Database, stores: SqlStores
) -> None:
    """Facts that come in between the decision and its commit move the alert all the same."""

    async def learn() -> None:
        async with database.write() as connection:
            await save_memberships(connection, [facts("s1")])

    async with asyncio.TaskGroup() as group, stores.write() as deciding:
        await apply_evidence(deciding, [urgent(1)], a_policy())
        group.create_task(learn())
        await a_while()
    (alert,) = await SqlAlerts(database).list(Filter(), ALL)
    assert (alert.school, alert.college, alert.team) == ("u", "c1", "t1")


async def test_an_alert_that_is_opened_after_uncommitted_facts_waits_for_them(
    database: Database, stores: SqlStores
) -> None:
    """A decision reads where its student belongs once the facts' transaction has ended."""
    async with asyncio.TaskGroup() as group, database.write() as connection:
        await save_memberships(connection, [facts("s1")])
        group.create_task(decide(stores, "s1"))
        await a_while()
    (alert,) = await SqlAlerts(database).list(Filter(), ALL)
    assert (alert.school, alert.college, alert.team) == ("u", "c1", "t1")


class Broker:
    """Takes what is published; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def slow(self, items: Sequence[Item]) -> None:
        self.is_asked.set()
        await self.may_answer.wait()
        await self.quick(items)

    async def quick(self, items: Sequence[Item]) -> None:
        self.values.extend(item.student for item in items)


def kit(database: Database, clock: ManualClock, owner: str) -> Tools:
    box, metrics = SqlOutbox(database, owner), AlertMetrics(CollectorRegistry())
    return Tools(box, Bell(), clock, metrics, Retries(), 0.01)


async def test_two_publishers_keep_the_order_of_the_decisions(
    database: Database, stores: SqlStores, clock: ManualClock
) -> None:
    """While one hands rows over, the other does not publish the rows after them."""
    for student in ("s1", "s2"):
        await decide(stores, student)
    broker = Broker()
    one = PublicationRunner(broker.slow, kit(database, clock, "a"), batch=1)
    other = PublicationRunner(broker.quick, kit(database, clock, "b"), batch=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(one.run_once())
        await broker.is_asked.wait()
        assert await other.run_once() == 0
        broker.may_answer.set()
    while await other.run_once():
        pass
    assert broker.values == ["s1", "s2"]


async def test_rows_of_a_publisher_that_died_go_out_before_newer_ones(
    database: Database, stores: SqlStores, clock: ManualClock
) -> None:
    """The next publisher begins with what was in the dead one's hands, without waiting."""
    await decide(stores, "s1")
    broker = Broker()
    dying = PublicationRunner(broker.slow, kit(database, clock, "a"), batch=1)
    task = asyncio.create_task(dying.run_once())
    await broker.is_asked.wait()
    task.cancel()
    await asyncio.wait([task])
    await decide(stores, "s2")
    alive = PublicationRunner(broker.quick, kit(database, clock, "b"), batch=1)
    while await alive.run_once():
        pass
    assert broker.values == ["s1", "s2"]
