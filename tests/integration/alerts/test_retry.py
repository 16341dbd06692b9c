"""A message that was given up, tried again by a person."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from tests.helpers.alerts import urgent
from tests.helpers.alerts_app import COUNSELLOR, IT, OFFICER, World, a_world

from alerts.domain.ports import Item, Receipt, Recipient
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, Tools
from alerts.jobs.routing import Routing
from alerts.metrics import AlertMetrics
from alerts.repository.outbox import SqlOutbox
from shared.auth.testing import an_actor
from shared.kernel.clock import SystemClock
from shared.kernel.errors import DeliveryError

OLD, NEW = Recipient("p1", "email", "old@example.org"), Recipient("p1", "email", "new@example.org")
OTHER_SCHOOL = an_actor("school_officer", school="elsewhere")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as made:
        await made.place("s1")
        yield made


def tools(world: World) -> Tools:
    box, metrics = SqlOutbox(world.database, "a"), AlertMetrics(CollectorRegistry())
    return Tools(box, Bell(), SystemClock(), metrics, Retries(1, 2.0, 60.0), 0.01)


async def refuse(_item: Item) -> Receipt:
    raise DeliveryError("smtp_550", retry=False)


async def one_dead(world: World) -> tuple[str, int]:
    """Return an alert and the number of its message to p1, which was given up."""
    world.people.tiers = {"school": [OLD]}
    alert = await world.decide(urgent(1))
    kit = tools(world)
    await LaneRunner(
        "route", Routing(world.people, kit.outbox, kit.clock, kit.bell), kit
    ).run_once()
    await LaneRunner("message", refuse, kit).run_once()
    async with world.client(OFFICER) as client:
        page = (await client.get("/v1/outbox", params={"state": "dead", "lane": "message"})).json()
    (item,) = page["items"]
    return alert, item["number"]


async def retry(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
    return await client.post(f"/v1/outbox/{number}/retry")


async def test_a_dead_message_goes_to_todays_address_under_its_key(world: World) -> None:
    """Directory is asked anew; the provider sees the key that it knows; the history says who."""
    alert, number = await one_dead(world)
    world.people.tiers = {"school": [NEW]}
    async with world.client(OFFICER) as client:
        answer = await retry(client, number)
        assert answer.status_code == 200
        shown = answer.json()
        assert (shown["state"], shown["attempts"], shown["finished_at"]) == ("pending", 0, None)
        assert "address" not in shown
        lines = (await client.get(f"/v1/alerts/{alert}")).json()["history"]
    last = lines[-1]
    assert (last["kind"], last["reason"], last["actor"]) == (
        "notified", "message_retried", OFFICER.id,
    )  # fmt: skip
    sent: list[tuple[str, str | None]] = []

    async def accept(item: Item) -> Receipt:
        sent.append((item.key, item.address))
        return Receipt("accepted")

    await LaneRunner("message", accept, tools(world)).run_once()
    assert sent == [(shown["key"], "new@example.org")]


async def test_what_cannot_be_tried_again_says_why(world: World) -> None:
    """Unknown, not dead, gone from directory, resolved: each with its own status and code."""
    alert, number = await one_dead(world)
    async with world.client(OFFICER) as client:
        unknown = await retry(client, number + 1000)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "message_unknown")
        world.people.tiers = {}
        gone = await retry(client, number)
        assert (gone.status_code, gone.json()["code"]) == (409, "recipient_gone")
        world.people.tiers = {"school": [OLD]}
        assert (await retry(client, number)).status_code == 200
        again = await retry(client, number)
        assert (again.status_code, again.json()["code"]) == (409, "not_dead")
        await LaneRunner("message", refuse, tools(world)).run_once()
        await client.post(f"/v1/alerts/{alert}/resolve", json={"verdict": "no_need"})
        late = await retry(client, number)
        assert (late.status_code, late.json()["code"]) == (409, "alert_resolved")


async def test_two_people_retry_once(world: World) -> None:
    """Of two at the same moment one is told that nothing is dead any more; one line is written."""
    alert, number = await one_dead(world)
    async with world.client(OFFICER) as client:
        answers = await asyncio.gather(retry(client, number), retry(client, number))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lines = (await client.get(f"/v1/alerts/{alert}")).json()["history"]
    assert [line["kind"] for line in lines].count("notified") == 1


async def test_retrying_is_for_the_students_own_school(world: World) -> None:
    """Who may not is refused; who may, elsewhere, does not learn that the message exists."""
    _, number = await one_dead(world)
    for actor, status in ((COUNSELLOR, 403), (IT, 403), (OTHER_SCHOOL, 404)):
        async with world.client(actor) as client:
            assert (await retry(client, number)).status_code == status


async def test_a_route_that_found_nobody_is_asked_again(world: World) -> None:
    """A tier that was empty and has people now is told by trying its route again."""
    world.people.tiers = {}
    await world.decide(urgent(1))
    kit = tools(world)
    lane = LaneRunner("route", Routing(world.people, kit.outbox, kit.clock, kit.bell), kit)
    while await lane.run_once():
        pass
    world.people.tiers = {"school": [NEW]}
    async with world.client(OFFICER) as client:
        page = (await client.get("/v1/outbox", params={"state": "dead"})).json()
        number = next(item["number"] for item in page["items"] if item["tier"] == "school")
        assert (await retry(client, number)).status_code == 200
    while await lane.run_once():
        pass
    found = await kit.outbox.claim("message", 5, kit.now())
    assert [item.person for item in found] == ["p1"]
