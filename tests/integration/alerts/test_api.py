"""The REST API over both databases."""

import json
from collections.abc import AsyncIterator
from importlib.resources import files

import httpx2
import pytest
from tests.helpers.alerts import assessed, urgent
from tests.helpers.alerts_app import (
    ADVISOR,
    COUNSELLOR,
    IT,
    OFFICER,
    SERVICE,
    STUDENT,
    World,
    a_world,
    serving,
)

from alerts.domain.ports import Recipient
from alerts.domain.reasons import Reason
from shared.auth.actor import Actor

STATIC = files("alerts") / "static"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as made:
        yield made


async def yellow_told_to_team(world: World, student: str = "s1") -> str:
    await world.place(student)
    return await world.decide(urgent(1, student=student, level="yellow", reason=Reason.REPORT_SOON))


async def test_each_tier_gets_its_own_view(world: World) -> None:
    """The same alert is three different documents for school, college and team."""
    alert = await yellow_told_to_team(world)
    views = {}
    for actor in (OFFICER, COUNSELLOR, ADVISOR):
        async with world.client(actor) as client:
            (shown,) = (await client.get("/v1/alerts")).json()["alerts"]
            assert shown["id"] == alert
            assert (await client.get(f"/v1/alerts/{alert}")).json()["view"] == shown["view"]
            views[shown["view"]] = shown
    assert set(views) == {"school", "college", "team"}
    assert views["team"]["request"]["en"].startswith("Please meet")
    assert "level" not in views["team"]
    assert "reason" not in views["college"]
    assert views["school"]["told"] == ["college", "team"]


async def test_the_team_is_not_shown_what_it_was_not_told(world: World) -> None:
    """An orange alert is told to college and school; for the team it does not exist."""
    await world.place("s1")
    alert = await world.decide(urgent(1))
    async with world.client(ADVISOR) as client:
        assert (await client.get("/v1/alerts")).json()["alerts"] == []
        assert (await client.get(f"/v1/alerts/{alert}")).status_code == 404
        assert (await client.post(f"/v1/alerts/{alert}/acknowledge")).status_code == 404


async def test_a_team_cannot_find_a_level_by_filtering(world: World) -> None:
    """A filter on the level finds nothing for a team, right level or wrong."""
    await yellow_told_to_team(world)
    async with world.client(ADVISOR) as client:
        for level in ("blue", "yellow", "orange", "red"):
            found = await client.get("/v1/alerts", params={"level": level})
            assert found.json()["alerts"] == []
    async with world.client(COUNSELLOR) as client:
        found = await client.get("/v1/alerts", params={"level": "yellow"})
        assert len(found.json()["alerts"]) == 1


async def test_a_rise_does_not_show_in_the_teams_history(world: World) -> None:
    """The team sees that it was asked; that the level rose since is not in its history."""
    alert = await yellow_told_to_team(world)
    await world.decide(urgent(2))
    async with world.client(ADVISOR) as client:
        kinds = [
            line["kind"] for line in (await client.get(f"/v1/alerts/{alert}")).json()["history"]
        ]
    assert kinds == ["asked"]


async def test_other_colleges_are_out_of_sight(world: World) -> None:
    """A counsellor sees the own college only; unknown and foreign are the same answer."""
    await world.place("s1")
    await world.place("s2", college="c2", team="t2")
    await world.decide(urgent(1))
    foreign = await world.decide(urgent(1, student="s2"))
    async with world.client(COUNSELLOR) as client:
        listed = (await client.get("/v1/alerts")).json()["alerts"]
        assert [each["student"] for each in listed] == ["s1"]
        answers = [await client.get(f"/v1/alerts/{each}") for each in (foreign, "alert_none")]
        assert [a.status_code for a in answers] == [404, 404]
        ids = {"request_id": "", "trace_id": ""}  # each request has its own
        assert answers[0].json() | ids == answers[1].json() | ids


@pytest.mark.parametrize("actor", [STUDENT, IT])
async def test_roles_without_alerts_are_refused(world: World, actor: Actor) -> None:
    """Students and administrators get 403, never a list."""
    async with world.client(actor) as client:
        for path in ("/v1/alerts", "/v1/alerts/alert_x", "/v1/alerts/stream", "/v1/inhibitions"):
            assert (await client.get(path)).status_code == 403


async def test_acknowledge_rule_and_resolve(world: World) -> None:
    """The acts answer with the new state, twice acknowledged is once, and the end is final."""
    await world.place("s1")
    alert = await world.decide(urgent(1, red_clock=True))
    async with world.client(COUNSELLOR) as client:
        for _ in range(2):
            answer = await client.post(f"/v1/alerts/{alert}/acknowledge")
            assert answer.json()["status"] == "acknowledged"
        assert answer.json()["acknowledged_by"] == ["college"]
        assert answer.json()["person_needed_by"]
        body = {"level": "red", "reason": "plan_or_means"}
        answer = await client.post(f"/v1/alerts/{alert}/level", json=body)
        assert (answer.json()["level"], answer.json()["status"]) == ("red", "open")
        assert answer.json()["person_needed_by"] is None
        body = {"verdict": "confirmed_need", "note": "referred"}
        answer = await client.post(f"/v1/alerts/{alert}/resolve", json=body)
        assert (answer.json()["verdict"], answer.json()["status"]) == ("confirmed_need", "resolved")
        again = await client.post(f"/v1/alerts/{alert}/acknowledge")
        assert (again.status_code, again.json()["code"]) == (409, "alert_resolved")
        kinds = [line["kind"] for line in answer.json()["history"]]
        assert kinds == ["opened", "acknowledged", "raised", "resolved"]
        assert (await client.get("/v1/alerts")).json()["alerts"] == []
        ended = await client.get("/v1/alerts", params={"status": "resolved"})
        assert len(ended.json()["alerts"]) == 1


async def test_a_team_may_acknowledge_and_nothing_more(world: World) -> None:
    """Ruling on a level and resolving are not for teams, nor for services."""
    alert = await yellow_told_to_team(world)
    bodies = (
        ("resolve", {"verdict": "no_need"}),
        ("level", {"level": "red", "reason": "missing"}),
    )
    for actor in (ADVISOR, SERVICE):
        async with world.client(actor) as client:
            for act, body in bodies:
                answer = await client.post(f"/v1/alerts/{alert}/{act}", json=body)
                assert answer.status_code == 403
    async with world.client(ADVISOR) as client:
        answer = await client.post(f"/v1/alerts/{alert}/acknowledge")
        assert (answer.status_code, answer.json()["view"]) == (200, "team")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("level", {"level": "purple", "reason": "missing"}),
        ("level", {"level": "none", "reason": "missing"}),
        ("level", {"level": "red"}),
        ("level", {"level": "red", "reason": "threshold_crossed"}),
        ("resolve", {"verdict": "cured"}),
        ("resolve", {"verdict": "no_need", "note": "free text"}),
        ("resolve", {"verdict": "no_need", "name": "x"}),
    ],
)
async def test_malformed_acts_are_refused(world: World, path: str, body: dict[str, str]) -> None:
    """Unknown levels, verdicts, notes and fields are 422 and change nothing."""
    await world.place("s1")
    alert = await world.decide(urgent(1))
    async with world.client(OFFICER) as client:
        answer = await client.post(f"/v1/alerts/{alert}/{path}", json=body)
        assert answer.status_code == 422
        assert (await client.get(f"/v1/alerts/{alert}")).json()["level"] == "orange"


async def test_pages_follow_each_other(world: World) -> None:
    """Cursors walk through all alerts once; a forged one is a clear error."""
    await world.decide(*(urgent(n, student=f"s{n}") for n in range(1, 8)))
    seen: list[str] = []
    async with world.client(OFFICER) as client:
        cursor = None
        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/alerts", params=params)).json()
            seen += [each["student"] for each in page["alerts"]]
            cursor = page["next"]
            if not cursor:
                break
        assert seen == [f"s{n}" for n in range(7, 0, -1)]
        bad = await client.get("/v1/alerts", params={"cursor": "AAAA"})
        assert (bad.status_code, bad.json()["code"]) == (400, "bad_cursor")


async def test_the_outbox_shows_states_and_no_address(world: World) -> None:
    """Staff see lane, state and code of each row; addresses are not in the answer."""
    await world.decide(urgent(1))
    async with world.client(SERVICE) as client:
        page = (await client.get("/v1/outbox", params={"lane": "route"})).json()
    assert {item["tier"] for item in page["items"]} == {"college", "school"}
    assert {item["state"] for item in page["items"]} == {"pending"}
    assert not any("address" in item for item in page["items"])
    async with world.client(COUNSELLOR) as client:
        assert (await client.get("/v1/outbox")).status_code == 403


async def test_policy_and_dry_run(world: World) -> None:
    """The policy is shown with its version; a dry run names who would be told, and passes up."""
    world.people.tiers["school"] = [Recipient("p1", "email", "a@example.org")]
    async with world.client(SERVICE) as client:
        policy = (await client.get("/v1/policy")).json()
        assert policy["approved_by"] is None
        assert [band["level"] for band in policy["bands"]] == ["blue", "yellow", "orange"]
        params = {"student": "s1", "level": "yellow"}
        plan = (await client.get("/v1/policy/dry-run", params=params)).json()
    assert [(step["tier"], step["reason"]) for step in plan["steps"]] == [
        ("college", "told_at_level"), ("team", "told_at_level"), ("school", "passed_up"),
    ]  # fmt: skip
    assert plan["steps"][2]["recipients"] == [{"person": "p1", "channel": "email"}]


async def test_the_digest_is_for_programs(world: World) -> None:
    """The digest covers the students with a history and changes with a decision."""
    async with world.client(SERVICE) as client:
        empty = (await client.get("/v1/state/digest")).json()
        await world.decide(assessed(0.6, 1))
        full = (await client.get("/v1/state/digest")).json()
    assert (empty["students"], full["students"]) == (0, 1)
    assert empty["alerts"] != full["alerts"]
    async with world.client(COUNSELLOR) as client:
        assert (await client.get("/v1/state/digest")).status_code == 403


async def _events(
    client: httpx2.AsyncClient, count: int, headers: dict[str, str] | None = None
) -> AsyncIterator[tuple[str, dict[str, object]]]:
    """Yield (event id, data) of the first `count` alerts on the stream."""
    async with client.stream("GET", "/v1/alerts/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
                continue
            event, fields = fields, {}
            if event.get("event") == "ready":
                yield "ready", {}
            elif event.get("event") == "alert":
                yield event["id"], json.loads(event["data"])
                count -= 1
                if count == 0:
                    return


async def test_the_stream_is_live_scoped_and_replays(world: World) -> None:
    """A change arrives at once, in the caller's view; `Last-Event-ID` replays what was missed."""
    await world.place("s1")
    await world.place("s2", college="c2")
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address, httpx2.AsyncClient(base_url=address) as client:
        got = []
        async for number, data in _events(client, 1):
            if number == "ready":
                await world.decide(urgent(1, student="s2"))
                await world.decide(urgent(1))
                continue
            got.append((int(number), data))
        ((place, data),) = got
        assert data["kind"] == "opened"
        assert isinstance(data["alert"], dict)
        assert (data["alert"]["student"], data["alert"]["view"]) == ("s1", "college")
        await world.decide(urgent(2, reason=Reason.REPORT_SOON, level="yellow"))
        replay = [
            (int(n), d)
            async for n, d in _events(client, 1, {"Last-Event-ID": str(place)})
            if n != "ready"
        ]
        assert [(n > place, d["kind"]) for n, d in replay] == [(True, "signal")]


async def test_the_page_names_no_other_host_and_is_strict(world: World) -> None:
    """The page and its files come with a strict policy and refer to nothing outside."""
    async with world.client(OFFICER) as client:
        names = [n for n in (each.name for each in STATIC.iterdir()) if n.endswith((".css", ".js"))]
        assert {"page.css", "page.js"} < set(names)
        for path in ("/", *(f"/static/{name}" for name in names)):
            answer = await client.get(path)
            assert answer.status_code == 200
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "://" not in answer.text
            assert "<script>" not in answer.text
            assert " style=" not in answer.text
        assert 'data-zone="Asia/Shanghai"' in (await client.get("/")).text
        for name in ("none.js", "page.html", "..%2Fconfig.py"):
            assert (await client.get(f"/static/{name}")).status_code == 404
