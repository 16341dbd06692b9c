"""The outbox on both databases: leases, fences, two senders, routing."""

import asyncio
from collections import Counter

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from tests.helpers.alerts import a_policy, urgent
from tests.helpers.alerts_app import People

from alerts.domain.ports import Item, Receipt, Recipient
from alerts.domain.reasons import Reason
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, Tools
from alerts.jobs.routing import Routing
from alerts.metrics import AlertMetrics
from alerts.repository.decisions import SqlStores, outbox_row
from alerts.repository.outbox import SqlOutbox
from alerts.service import apply_evidence
from alerts.tables import outbox
from shared.db.database import Database
from shared.kernel.clock import ManualClock
from shared.kernel.errors import DeliveryError


async def fill(database: Database, rows: int, now: float, level: str = "yellow") -> None:
    made = [
        outbox_row(
            key=f"{level}{n}", lane="message", alert="a", student="s", sequence=1, tier="school",
            level=level, now=now, channel="email", person="p", address="x@example.org",
        )
        for n in range(rows)
    ]  # fmt: skip
    async with database.write() as connection:
        await connection.execute(outbox.insert(), made)


async def states(database: Database) -> Counter[str]:
    async with database.read() as connection:
        return Counter((await connection.execute(select(outbox.c.state))).scalars())


def tools(database: Database, clock: ManualClock, owner: str = "a") -> Tools:
    made = SqlOutbox(database, owner, lease_s=30)
    metrics = AlertMetrics(CollectorRegistry())
    return Tools(made, Bell(), clock, metrics, Retries(3, 2.0, 60.0), 0.01)


async def test_two_senders_send_each_key_once(database: Database, clock: ManualClock) -> None:
    """Two lanes over one table hand every row over exactly once."""
    await fill(database, 300, clock.now().timestamp())
    sent: Counter[str] = Counter()

    async def deliver(item: Item) -> Receipt:
        sent[item.key] += 1
        await asyncio.sleep(0)
        return Receipt("accepted")

    async def drain(owner: str) -> None:
        lane = LaneRunner("message", deliver, tools(database, clock, owner), batch=10)
        while await lane.run_once():
            pass

    await asyncio.gather(drain("a"), drain("b"))
    while (await states(database))["pending"]:
        await drain("a")
    assert len(sent) == 300
    assert set(sent.values()) == {1}
    assert await states(database) == {"sent": 300}


async def test_a_lease_that_ran_out_is_taken_with_the_same_key(
    database: Database, clock: ManualClock
) -> None:
    """A sender that died leaves a row that another takes later, and its late word is refused."""
    await fill(database, 1, clock.now().timestamp())
    dead, alive = SqlOutbox(database, "dead", lease_s=30), SqlOutbox(database, "alive", lease_s=30)
    (first,) = await dead.claim("message", 5, clock.now().timestamp())
    assert not await alive.claim("message", 5, clock.now().timestamp())
    clock.advance(31)
    now = clock.now().timestamp()
    (second,) = await alive.claim("message", 5, now)
    assert (second.key, second.attempts) == (first.key, 2)
    assert await dead.sent([first], [Receipt("late")], now) == 0
    assert await alive.sent([second], [Receipt("accepted")], now) == 1


async def test_refusals_are_retried_within_a_limit(database: Database, clock: ManualClock) -> None:
    """A refusal that may pass is tried with one key until the limit; a final one dies at once."""
    await fill(database, 1, clock.now().timestamp())
    keys: list[str] = []

    async def refuse(item: Item) -> Receipt:
        keys.append(item.key)
        raise DeliveryError("http_503", retry=True)

    lane = LaneRunner("message", refuse, tools(database, clock))
    for _ in range(10):
        await lane.run_once()
        clock.advance(61)
    assert (len(keys), len(set(keys))) == (3, 1)
    assert await states(database) == {"dead": 1}


async def test_higher_levels_go_first(database: Database, clock: ManualClock) -> None:
    """With many low messages waiting, the red one is the next to be claimed."""
    await fill(database, 50, clock.now().timestamp(), "yellow")
    await fill(database, 1, clock.now().timestamp(), "red")
    (item,) = await SqlOutbox(database, "a").claim("message", 1, clock.now().timestamp())
    assert item.level == "red"


@pytest.mark.parametrize("tier", ["team", "college", None])
async def test_an_empty_tier_passes_up(
    database: Database, stores: SqlStores, clock: ManualClock, tier: str | None
) -> None:
    """Whoever is the first reachable tier upwards gets one message; nobody leaves dead routes."""
    people = People()
    if tier:
        people.tiers[tier] = [Recipient("p1", "email", "p@example.org")]
    people.tiers.setdefault("school", [Recipient("p9", "webhook", "http://h")] if tier else [])
    async with stores.write() as store:
        signal = urgent(1, level="yellow", reason=Reason.REPORT_SOON)
        await apply_evidence(store, [signal], a_policy())
    kit = tools(database, clock)
    lane = LaneRunner("route", Routing(people, kit.outbox, clock, kit.bell), kit)
    while await lane.run_once():
        pass
    found = await kit.outbox.claim("message", 50, clock.now().timestamp())
    told = sorted({(i.tier, i.person) for i in found})
    expected = {
        "team": [("school", "p9"), ("team", "p1")],
        "college": [("college", "p1")],
        None: [],
    }[tier]
    if tier == "college":  # the team's route passes to college, which is told already
        assert set(told) == set(expected)
    else:
        assert told == expected
