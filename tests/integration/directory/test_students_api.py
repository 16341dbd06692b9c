"""Facts, lists, leave and calendar through the API, on both databases."""

import pytest
from tests.helpers.directory_service import (
    ADVISOR,
    ANN,
    BOB,
    CAT,
    COUNSELLOR,
    EVE,
    IT,
    OFFICER,
    OTHER_COUNSELLOR,
    PEER,
    SERVICE,
    STUDENT,
    DirectoryUnderTest,
)

from shared.auth.actor import Actor
from shared.auth.testing import an_actor
from shared.contracts.student import StudentFacts

LEAVE = {"kind": "internship", "start": "2026-09-20", "end": "2026-12-31"}
EVERYBODY = {ANN, BOB, CAT, EVE}
SEEN: list[tuple[Actor, set[str]]] = [
    (SERVICE, EVERYBODY),
    (OFFICER, EVERYBODY),
    (COUNSELLOR, {ANN, BOB, EVE}),
    (OTHER_COUNSELLOR, {CAT}),
    (ADVISOR, {ANN, EVE}),
    (PEER, {ANN, EVE}),
    (STUDENT, {ANN}),
    (an_actor("school_officer", school="u2"), set()),
    (an_actor("college_counsellor"), set()),
]


def masks(facts: StudentFacts) -> set[tuple[str, str, str]]:
    return {(mask.kind, mask.start, mask.end) for mask in facts.masks}


@pytest.mark.parametrize(("actor", "seen"), SEEN)
async def test_each_caller_sees_their_own_rows(
    campus: DirectoryUnderTest, actor: Actor, seen: set[str]
) -> None:
    """Listing and reading by id agree, and what is not the caller's looks absent."""
    listed = (await campus.ask(actor, "GET", "/students")).json()["students"]
    assert {row["student"] for row in listed} == seen
    for student in EVERYBODY | {"p1:nobody"}:
        answer = await campus.ask(actor, "GET", f"/students/{student}")
        assert answer.status_code == (200 if student in seen else 404)


async def test_who_has_no_business_is_refused(campus: DirectoryUnderTest) -> None:
    """IT and callers without a role get 403 on students and people."""
    for actor in (IT, Actor(id="x", roles=frozenset())):
        for path in ("/students", f"/students/{ANN}", "/people/person_1"):
            assert (await campus.ask(actor, "GET", path)).status_code == 403


async def test_pages_follow_each_other(campus: DirectoryUnderTest) -> None:
    """Pages hold every student once; another college's filter shows nothing of it."""
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": 1} | ({"after": after} if after else {})
        page = (await campus.ask(COUNSELLOR, "GET", "/students", params=query)).json()
        seen += [row["student"] for row in page["students"]]
        after = page["next"]
        if after is None:
            break
    assert seen == sorted({ANN, BOB, EVE})
    other = await campus.ask(COUNSELLOR, "GET", "/students", params={"college": "c2"})
    assert other.json() == {"students": [], "next": None}


async def test_leave_masks_at_once_and_withdrawal_unmasks(campus: DirectoryUnderTest) -> None:
    """Leave is published as the next version; entering it twice is one entry."""
    before = await campus.facts(ANN)
    made = await campus.ask(COUNSELLOR, "POST", f"/students/{ANN}/leaves", json=LEAVE)
    again = await campus.ask(COUNSELLOR, "POST", f"/students/{ANN}/leaves", json=LEAVE)
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    during = await campus.facts(ANN)
    assert masks(during) - masks(before) == {("internship", "2026-09-20", "2026-12-31")}
    assert during.version == before.version + 1
    path = f"/students/{ANN}/leaves/{made.json()['id']}"
    assert (await campus.ask(COUNSELLOR, "DELETE", path)).status_code == 204
    assert (await campus.ask(COUNSELLOR, "DELETE", path)).status_code == 204
    after = await campus.facts(ANN)
    assert (masks(after), after.version) == (masks(before), before.version + 2)
    listed = (await campus.ask(STUDENT, "GET", f"/students/{ANN}/leaves")).json()["leaves"]
    assert [one["is_withdrawn"] for one in listed] == [True]
    await campus.ask(COUNSELLOR, "POST", f"/students/{ANN}/leaves", json=LEAVE)
    assert masks(await campus.facts(ANN)) == masks(during)


@pytest.mark.parametrize(
    ("actor", "status"),
    [(OTHER_COUNSELLOR, 404), (ADVISOR, 403), (STUDENT, 403), (IT, 403), (OFFICER, 201)],
)
async def test_who_may_enter_leave(campus: DirectoryUnderTest, actor: Actor, status: int) -> None:
    """Leave is entered by the college, the school and machines."""
    answer = await campus.ask(actor, "POST", f"/students/{ANN}/leaves", json=LEAVE)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"end": "2026-09-01"},
        {"end": "2036-09-01"},
        {"start": "soon"},
        {"kind": "exam"},
        {"note": "ill"},
    ],
)
async def test_wrong_leave_is_refused(campus: DirectoryUnderTest, change: dict[str, str]) -> None:
    """Spans that end early, last for ever, or hold more than kind and days are refused."""
    answer = await campus.ask(COUNSELLOR, "POST", f"/students/{ANN}/leaves", json=LEAVE | change)
    assert answer.status_code in {400, 422}


async def test_a_calendar_masks_its_college(campus: DirectoryUnderTest) -> None:
    """A college's calendar reaches its students, is replaced whole, and spares the roster's."""
    entries = [{"kind": "holiday", "start": "2026-11-02", "end": "2026-11-03"}]
    body = {"node": "c1", "entries": entries}
    answer = await campus.ask(COUNSELLOR, "PUT", "/calendar", json=body)
    assert answer.json() == {"node": "c1", "entries": 1, "students_changed": 3}
    assert ("holiday", "2026-11-02", "2026-11-03") in masks(await campus.facts(ANN))
    assert ("holiday", "2026-11-02", "2026-11-03") not in masks(await campus.facts(CAT))
    repeat = await campus.ask(COUNSELLOR, "PUT", "/calendar", json=body)
    assert repeat.json()["students_changed"] == 0
    await campus.ask(COUNSELLOR, "PUT", "/calendar", json={"node": "c1", "entries": []})
    assert {kind for kind, _, _ in masks(await campus.facts(ANN))} == {"holiday", "exam"}
    shown = (await campus.ask(STUDENT, "GET", "/calendar", params={"node": "c1"})).json()
    assert [entry["kind"] for entry in shown["entries"]] == ["exam"]


@pytest.mark.parametrize(
    ("actor", "node", "status"),
    [
        (COUNSELLOR, "u1", 404),
        (COUNSELLOR, "c2", 404),
        (COUNSELLOR, "t1", 400),
        (OFFICER, "u1", 200),
        (OFFICER, "nowhere", 404),
        (ADVISOR, "c1", 403),
    ],
)
async def test_who_writes_which_calendar(
    campus: DirectoryUnderTest, actor: Actor, node: str, status: int
) -> None:
    """A counsellor writes the own college's, a school officer all; teams have none."""
    answer = await campus.ask(actor, "PUT", "/calendar", json={"node": node, "entries": []})
    assert answer.status_code == status


async def test_memberships_begin_and_end_by_the_day(campus: DirectoryUnderTest) -> None:
    """When a membership's last day has passed, the daily job publishes the end."""
    assert await campus.daily.run_once()
    assert not await campus.daily.run_once()
    assert (await campus.facts(ANN)).version == 1
    campus.clock.advance(300 * 86_400)
    await campus.daily.run_once()
    ann = await campus.facts(ANN)
    assert (ann.enrolled, ann.team, ann.college) == (True, "", "c1")  # the college remains


async def test_the_tree_is_for_all_and_has_no_people(campus: DirectoryUnderTest) -> None:
    """Everybody with a role reads the units, parents first."""
    for actor in (IT, STUDENT, PEER, SERVICE):
        nodes = (await campus.ask(actor, "GET", "/org/tree")).json()["nodes"]
        assert [node["id"] for node in nodes] == ["u1", "c1", "c2", "t1", "t2", "t3"]
    assert nodes[1]["name_en"] == "Computer Science"
