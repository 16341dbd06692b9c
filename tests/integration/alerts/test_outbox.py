"""The outbox on both databases: leases, fences, two senders, routing."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from tests.helpers.alerts import a_policy, urgent
from tests.helpers.alerts_app import People

from alerts.domain.ports import Dead, Item, Receipt, Recipient
from alerts.domain.reasons import Reason
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, PublicationRunner, Tools
from alerts.jobs.routing import Routing
from alerts.metrics import AlertMetrics
from alerts.repository.decisions import SqlStores, outbox_row
from alerts.repository.outbox import SqlOutbox
from alerts.service import apply_evidence
from alerts.tables import outbox
from shared.db.database import Database
from shared.kernel.clock import ManualClock
from shared.kernel.errors import DeliveryError, UnavailableError


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


async def add(
    database: Database, clock: ManualClock, *, key: str, lane: str = "message", tier: str = "team"
) -> None:
    row = outbox_row(
        key=key, lane=lane, alert="a", student="s", sequence=1, tier=tier, level="yellow",
        now=clock.now().timestamp(), channel="email" if lane == "message" else None, person="p",
        address="x@example.org" if lane == "message" else None,
    )  # fmt: skip
    async with database.write() as connection:
        await connection.execute(outbox.insert(), [row])


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
    assert await dead.settle([(first, Receipt("late"))], now) == 0
    assert await alive.settle([(second, Receipt("accepted"))], now) == 1


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
    assert await states(database) == {"dead": 1}  # of the highest tier: nobody is above


async def test_a_route_is_never_given_up(database: Database, clock: ManualClock) -> None:
    """With directory away for an hour a route is asked at least every minute, then answered."""
    await add(database, clock, lane="route", key="r", tier="team")
    kit, is_back = tools(database, clock), False
    routing = Routing(People(), kit.outbox, clock, kit.bell)

    async def ask(item: Item) -> Receipt | None:
        if not is_back:
            raise DeliveryError("directory_away", retry=True)
        return await routing(item)

    lane = LaneRunner("route", ask, kit, retries=Retries(None, 2.0, 60.0))
    for _ in range(60):
        assert await lane.run_once() == 1
        clock.advance(61)
    is_back = True
    assert await lane.run_once() == 1
    assert await states(database) == {"dead": 1, "pending": 1}  # nobody here, passed to college


@pytest.mark.parametrize(("tier", "above"), [("team", "college"), ("school", None)])
async def test_when_a_message_dies_the_next_tier_is_told(
    database: Database, clock: ManualClock, tier: str, above: str | None
) -> None:
    """A message that can never arrive leaves a route to the tier above, where there is one."""
    await add(database, clock, key="m", tier=tier)

    async def refuse(_item: Item) -> Receipt:
        raise DeliveryError("smtp_550", retry=False)

    kit = tools(database, clock)
    await LaneRunner("message", refuse, kit).run_once()
    routes = await kit.outbox.claim("route", 5, clock.now().timestamp())
    assert [r.tier for r in routes] == ([above] if above else [])


async def test_who_was_told_on_another_channel_is_told(
    database: Database, clock: ManualClock
) -> None:
    """One dead address of a tier is no reason to tell the next one while another was reached."""
    await add(database, clock, key="bad", tier="team")
    await add(database, clock, key="good", tier="team")

    async def deliver(item: Item) -> Receipt:
        if item.key == "bad":
            raise DeliveryError("smtp_550", retry=False)
        return Receipt("accepted")

    kit = tools(database, clock)
    await LaneRunner("message", deliver, kit, batch=1).run_once()
    assert not await kit.outbox.claim("route", 5, clock.now().timestamp())
    await LaneRunner("message", deliver, kit, batch=1).run_once()
    assert await states(database) == {"dead": 1, "sent": 1}


async def test_two_senders_that_give_up_at_once_tell_the_next_tier_once(
    database: Database, clock: ManualClock
) -> None:
    """Neither takes the other's dying message for one that is still on its way."""
    await add(database, clock, key="m1", tier="team")
    await add(database, clock, key="m2", tier="team")
    now = clock.now().timestamp()
    boxes = [SqlOutbox(database, name) for name in ("a", "b")]
    claims = [await box.claim("message", 1, now) for box in boxes]
    await asyncio.gather(
        *(
            box.settle([(claim[0], Dead("smtp_550", "college"))], now)
            for box, claim in zip(boxes, claims, strict=True)
        )
    )
    assert [r.tier for r in await boxes[0].claim("route", 5, now)] == ["college"]


async def test_one_broken_row_does_not_stop_the_next(
    database: Database, clock: ManualClock
) -> None:
    """A sender that fails in a way nobody foresaw costs its own row an attempt, no other's."""
    await add(database, clock, key="bad")
    await add(database, clock, key="good")

    async def deliver(item: Item) -> Receipt:
        if item.key == "bad":
            raise RuntimeError("boom")
        return Receipt("accepted")

    await LaneRunner("message", deliver, tools(database, clock)).run_once()
    async with database.read() as connection:
        found = await connection.execute(select(outbox.c.key, outbox.c.state, outbox.c.code))
        assert sorted(tuple(row) for row in found) == [
            ("bad", "pending", "sender_failed"), ("good", "sent", "accepted"),
        ]  # fmt: skip


async def test_a_finished_message_keeps_no_address(database: Database, clock: ManualClock) -> None:
    """Whether it arrived or died, the address is gone from the row."""
    await add(database, clock, key="bad")
    await add(database, clock, key="good")

    async def deliver(item: Item) -> Receipt:
        if item.key == "bad":
            raise DeliveryError("smtp_550", retry=False)
        return Receipt("accepted")

    await LaneRunner("message", deliver, tools(database, clock)).run_once()
    async with database.read() as connection:
        left = select(outbox.c.address).where(outbox.c.lane == "message")
        assert set((await connection.execute(left)).scalars()) == {None}


async def test_publications_wait_for_the_broker_in_their_order(
    database: Database, clock: ManualClock
) -> None:
    """While the broker is away no newer row overtakes an older one."""
    await add(database, clock, lane="publication", key="p1")
    published: list[str] = []
    is_away = True

    async def publish(items: Sequence[Item]) -> None:
        if is_away:
            raise UnavailableError("broker")
        published.extend(item.key for item in items)

    lane = PublicationRunner(publish, tools(database, clock), batch=1)
    for _ in range(6):
        with pytest.raises(UnavailableError):
            await lane.run_once()
    await add(database, clock, lane="publication", key="p2")
    is_away = False
    while await lane.run_once():
        pass
    assert published == ["p1", "p2"]


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
