"""A second verdict: who may give it, what they are shown before, what is written and published."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from tests.helpers.alerts import assessed, urgent
from tests.helpers.alerts_app import (
    ADVISOR,
    COUNSELLOR,
    IT,
    OFFICER,
    PEER,
    SERVICE,
    STUDENT,
    World,
    a_world,
    serving,
)

from alerts.tables import alerts, outbox, students
from shared.auth.actor import Actor
from shared.auth.testing import an_actor
from shared.contracts.alert import AlertEvent
from shared.contracts.codec import decoder

SECOND = replace(COUNSELLOR, id="person_second")
THIRD = replace(OFFICER, id="person_third")
OTHER_COLLEGE = an_actor("college_counsellor", colleges=["c2"])


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as made:
        await made.place("s1")
        yield made


async def resolved(world: World, at: int = 1) -> str:
    """Return an alert that the counsellor resolved with a verdict and a note."""
    alert = await world.decide(urgent(at))
    body = {"verdict": "confirmed_need", "note": "talk_held"}
    async with world.client(COUNSELLOR) as client:
        answer = await client.post(f"/v1/alerts/{alert}/resolve", json=body)
    assert answer.status_code == 200
    return alert


async def review(
    world: World, actor: Actor, alert: str, verdict: str | None = "no_need"
) -> httpx2.Response:
    async with world.client(actor) as client:
        return await client.post(f"/v1/alerts/{alert}/review", json={"verdict": verdict})


async def shown(world: World, actor: Actor, alert: str) -> tuple[dict[str, Any], str]:
    """Return the single alert and the text of all that reading routes say."""
    async with world.client(actor) as client:
        one = await client.get(f"/v1/alerts/{alert}")
        listed = await client.get("/v1/alerts", params={"status": "all"})
    return one.json(), one.text + listed.text


async def to_review(world: World, actor: Actor) -> list[str]:
    """Return the alerts that wait for the second verdict of one person."""
    async with world.client(actor) as client:
        answer = await client.get("/v1/alerts", params={"status": "to_review"})
    assert answer.status_code == 200
    return [each["id"] for each in answer.json()["alerts"]]


async def first_change(world: World, actor: Actor) -> dict[str, Any]:
    """Return the first change that the live stream replays."""
    world.caller.actor = actor
    async with (
        serving(world.app) as address,
        httpx2.AsyncClient(base_url=address) as client,
        client.stream("GET", "/v1/alerts/stream", headers={"Last-Event-ID": "0"}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data:") and "alert" in (found := json.loads(line[5:])):
                return dict(found)
    raise AssertionError("the stream ended")


async def stored(world: World) -> list[Any]:
    """Return alerts and states as they are stored."""
    async with world.database.read() as connection:
        found = (await connection.execute(select(alerts))).all()
        return [*found, *(await connection.execute(select(students))).all()]


async def test_a_review_joins_the_history_and_nothing_else_moves(world: World) -> None:
    """Alert and state stay as they were, nobody is told, the log says it as a kind of its own."""
    alert = await resolved(world)
    before = await stored(world)
    async with world.database.read() as connection:
        told = (await connection.execute(select(outbox.c.key))).scalars().all()
    answer = await review(world, SECOND, alert)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["verdict"]) == ("resolved", "confirmed_need")
    last = answer.json()["history"][-1]
    assert (last["kind"], last["verdict"], last["sequence"]) == ("reviewed", "no_need", 3)
    assert await stored(world) == before
    async with world.database.read() as connection:
        query = select(outbox.c.lane, outbox.c.body).where(outbox.c.key.not_in(told))
        added = (await connection.execute(query)).all()
    assert {row.lane for row in added} == {"publication", "console"}
    event = decoder(AlertEvent).decode(next(r.body for r in added if r.lane == "publication"))
    assert (event.kind, event.verdict, event.actor, event.sequence) == (
        "reviewed", "no_need", SECOND.id, 3,
    )  # fmt: skip


async def test_a_reviewer_is_blind_until_having_judged(world: World) -> None:
    """Verdict and note show in no reading route; afterwards the history shows both verdicts."""
    alert = await resolved(world)
    for actor in (SECOND, THIRD):
        one, text = await shown(world, actor, alert)
        assert (one["verdict"], one["is_verdict_hidden"]) == (None, True)
        assert "confirmed_need" not in text
        assert "talk_held" not in text
    assert (await review(world, SECOND, alert)).status_code == 200
    one, _ = await shown(world, SECOND, alert)
    assert (one["verdict"], one["is_verdict_hidden"]) == ("confirmed_need", False)
    assert [line["verdict"] for line in one["history"]] == [None, "confirmed_need", "no_need"]
    one, text = await shown(world, THIRD, alert)
    assert one["history"][-1]["kind"] == "reviewed"
    assert "need" not in text.replace("person_needed_by", "")


async def test_who_judged_or_may_not_review_is_not_blinded(world: World) -> None:
    """The resolver and services see the verdict; an open alert hides nothing."""
    alert = await resolved(world)
    for actor in (COUNSELLOR, SERVICE):
        one, _ = await shown(world, actor, alert)
        assert (one["verdict"], one["is_verdict_hidden"]) == ("confirmed_need", False)
    fresh = await world.decide(urgent(9))
    one, _ = await shown(world, SECOND, fresh)
    assert one["is_verdict_hidden"] is False


async def test_the_live_stream_is_blind_too(world: World) -> None:
    """A reviewer who follows the stream does not hear the verdict; who resolved does."""
    alert = await resolved(world)
    for actor, verdict in ((THIRD, None), (COUNSELLOR, "confirmed_need")):
        found = await first_change(world, actor)
        assert (found["alert"]["id"], found["alert"]["verdict"]) == (alert, verdict)


async def test_declining_shows_the_verdicts_and_is_for_good(world: World) -> None:
    """Who needs to know how it ended gives up reviewing, and the history says so."""
    alert = await resolved(world)
    answer = await review(world, THIRD, alert, None)
    assert (answer.json()["verdict"], answer.json()["is_verdict_hidden"]) == (
        "confirmed_need", False,
    )  # fmt: skip
    last = answer.json()["history"][-1]
    assert (last["kind"], last["reason"], last["verdict"]) == ("reviewed", "review_declined", None)
    again = await review(world, THIRD, alert)
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")


async def test_what_cannot_be_reviewed_says_why(world: World) -> None:
    """Unknown, open, one's own, a second time, ended by itself, malformed."""
    assert (await review(world, SECOND, "alert_none")).status_code == 404
    still_open = await world.decide(urgent(1))
    early = await review(world, SECOND, still_open)
    assert (early.status_code, early.json()["code"]) == (409, "alert_open")
    alert = await resolved(world, at=2)
    assert alert == still_open
    own = await review(world, COUNSELLOR, alert)
    assert (own.status_code, own.json()["code"]) == (409, "own_verdict")
    assert (await review(world, SECOND, alert)).status_code == 200
    again = await review(world, SECOND, alert)
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert (await review(world, THIRD, alert, "sad")).status_code == 422


async def test_an_alert_that_ended_by_itself_has_no_verdict_to_compare(world: World) -> None:
    """The model took it back: no person resolved it."""
    alert = await world.decide(assessed(0.6, 1))
    for at in range(2, 60):
        await world.decide(assessed(0.0, at))
    one, _ = await shown(world, SECOND, alert)
    assert (one["status"], one["verdict"]) == ("resolved", None)
    answer = await review(world, SECOND, alert)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_first_verdict")


async def test_reviewing_is_for_who_may_resolve(world: World) -> None:
    """Teams, administrators, students and services may not; another college does not know of it."""
    alert = await resolved(world)
    for actor in (SERVICE, IT, STUDENT):
        assert (await review(world, actor, alert)).status_code == 403
    for actor in (ADVISOR, PEER, OTHER_COLLEGE):
        assert (await review(world, actor, alert)).status_code in {403, 404}


async def test_a_person_who_reviews_twice_at_once_has_reviewed_once(world: World) -> None:
    """Of two requests at the same moment one conflicts; two people have numbers of their own."""
    alert = await resolved(world)
    async with world.client(SECOND) as client:
        path, body = f"/v1/alerts/{alert}/review", {"verdict": "no_need"}
        both = await asyncio.gather(client.post(path, json=body), client.post(path, json=body))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    last = (await review(world, THIRD, alert)).json()["history"]
    assert [line["sequence"] for line in last] == [1, 2, 3, 4]


async def test_elsewhere_nothing_is_hidden_and_no_second_verdict_is_taken(world: World) -> None:
    """A college that the policy does not name sees how its alerts ended, as ever."""
    await world.place("s1", college="c2")
    alert = await world.decide(urgent(1))
    resolver = replace(OTHER_COLLEGE, id="person_first")
    async with world.client(resolver) as client:
        await client.post(f"/v1/alerts/{alert}/resolve", json={"verdict": "confirmed_need"})
    one, _ = await shown(world, OTHER_COLLEGE, alert)
    refused = await review(world, OTHER_COLLEGE, alert)
    assert (one["verdict"], one["is_verdict_hidden"]) == ("confirmed_need", False)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_second_verdicts")


async def test_what_waits_is_shown_to_who_may_review_it(world: World) -> None:
    """Colleagues find a resolved alert, until one gives a verdict; who resolved it never does."""
    alert = await resolved(world)
    assert await to_review(world, SECOND) == await to_review(world, THIRD) == [alert]
    for actor in (COUNSELLOR, SERVICE, ADVISOR, OTHER_COLLEGE):
        assert await to_review(world, actor) == []
    await review(world, SECOND, alert, None)
    assert await to_review(world, SECOND) == []
    assert await to_review(world, THIRD) == [alert]
    await review(world, THIRD, alert)
    assert await to_review(world, replace(OFFICER, id="person_fourth")) == []


async def test_only_what_a_person_resolved_waits(world: World) -> None:
    """Neither an open alert, nor one that ended by itself, nor one of a college without reviews."""
    await world.place("s2", college="c2")
    elsewhere = await world.decide(urgent(1, student="s2"))
    resolver = replace(OTHER_COLLEGE, id="person_first")
    async with world.client(resolver) as client:
        await client.post(f"/v1/alerts/{elsewhere}/resolve", json={"verdict": "no_need"})
    await world.place("s3")
    await world.decide(assessed(0.6, 1, student="s3"))
    for at in range(2, 60):
        await world.decide(assessed(0.0, at, student="s3"))
    await world.decide(urgent(1))
    assert await to_review(world, THIRD) == []


async def test_each_caller_is_told_what_may_be_done(world: World) -> None:
    """Acknowledge once a tier, resolve where the role may, review after another's verdict."""
    alert = await world.decide(urgent(1, level="yellow"))
    assert (await shown(world, COUNSELLOR, alert))[0]["may"] == ["acknowledge", "resolve"]
    assert (await shown(world, ADVISOR, alert))[0]["may"] == ["acknowledge"]
    assert (await shown(world, SERVICE, alert))[0]["may"] == []
    async with world.client(COUNSELLOR) as client:
        await client.post(f"/v1/alerts/{alert}/acknowledge")
    assert (await shown(world, COUNSELLOR, alert))[0]["may"] == ["resolve"]
    assert (await shown(world, THIRD, alert))[0]["may"] == ["acknowledge", "resolve"]
    async with world.client(COUNSELLOR) as client:
        await client.post(f"/v1/alerts/{alert}/resolve", json={"verdict": "no_need"})
    assert (await shown(world, COUNSELLOR, alert))[0]["may"] == []
    assert (await shown(world, SECOND, alert))[0]["may"] == ["review"]
