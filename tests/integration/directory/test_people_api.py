"""Recipients and people through the API, on both databases."""

from typing import Any

import pytest
from tests.helpers.directory_service import (
    ADVISOR,
    ANN,
    BOB,
    CAT,
    COUNSELLOR,
    DAN,
    EVE,
    FAY,
    GUS,
    HAL,
    OFFICER,
    OTHER_COUNSELLOR,
    SERVICE,
    STUDENT,
    VAULT,
    DirectoryUnderTest,
)
from tests.helpers.rosters import replaced, without

from shared.auth.actor import Actor

PEER_EVE = VAULT.person_id("p-eve")


async def recipients(
    campus: DirectoryUnderTest, student: str, tier: str, actor: Actor = SERVICE
) -> list[dict[str, Any]]:
    answer = await campus.ask(
        actor, "GET", "/recipients", params={"student": student, "tier": tier}
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["recipients"]
    return found


async def test_each_tier_has_its_people(campus: DirectoryUnderTest) -> None:
    """The team is advisor and peer helper, the college its counsellors, the school its officers."""
    team = await recipients(campus, ANN, "team")
    assert {(one["person"], one["role"]) for one in team} == {
        (DAN, "advisor"),
        (PEER_EVE, "peer_helper"),
    }
    assert [one["person"] for one in await recipients(campus, ANN, "college")] == [FAY]
    assert [one["person"] for one in await recipients(campus, CAT, "college")] == [GUS]
    assert [one["person"] for one in await recipients(campus, CAT, "school")] == [HAL]
    assert await recipients(campus, BOB, "team") == []


async def test_nobody_is_told_about_themselves(campus: DirectoryUnderTest) -> None:
    """A peer helper who is the student in question is left out."""
    team = await recipients(campus, EVE, "team")
    assert [one["person"] for one in team] == [DAN]


async def test_addresses_are_for_machines_only(campus: DirectoryUnderTest) -> None:
    """The service role gets opened addresses, a school officer none, others are refused."""
    advisor = next(r for r in await recipients(campus, ANN, "team") if r["person"] == DAN)
    assert advisor["channels"] == [
        {"kind": "email", "address": "dan@planted.example"},
        {"kind": "webhook", "address": "https://hook.example/dan"},
    ]
    seen = await recipients(campus, ANN, "team", OFFICER)
    assert [one["channels"] for one in seen] == [[], []]
    for actor in (COUNSELLOR, ADVISOR, STUDENT):
        answer = await campus.ask(
            actor, "GET", "/recipients", params={"student": ANN, "tier": "team"}
        )
        assert answer.status_code == 403


async def test_who_left_is_on_no_route(campus: DirectoryUnderTest) -> None:
    """After a sync without the advisor nobody routes to them; after a move the new one is told."""
    gone = without("enrollments.csv", "e4", files=without("users.csv", "a-dan"))
    await campus.load(gone)
    assert DAN not in {one["person"] for one in await recipients(campus, ANN, "team")}
    await campus.load(replaced("enrollments.csv", "e4,active,t1,a-dan", "e4,active,t2,a-dan"))
    assert DAN not in {one["person"] for one in await recipients(campus, ANN, "team")}
    assert [one["person"] for one in await recipients(campus, BOB, "team")] == [DAN]


async def test_a_duty_counts_inside_its_days(campus: DirectoryUnderTest) -> None:
    """A peer helper's route ends with the duty's last day."""
    ending = replaced(
        "enrollments.csv", "e5,active,t1,p-eve,aide,,,", "e5,active,t1,p-eve,aide,,,2026-09-20"
    )
    await campus.load(ending)
    assert len(await recipients(campus, ANN, "team")) == 2
    campus.clock.advance(2 * 86_400)
    assert [one["person"] for one in await recipients(campus, ANN, "team")] == [DAN]


@pytest.mark.parametrize(
    ("actor", "person", "status"),
    [
        (COUNSELLOR, DAN, 200),
        (OTHER_COUNSELLOR, DAN, 404),
        (ADVISOR, DAN, 200),
        (ADVISOR, GUS, 404),
        (OFFICER, GUS, 200),
        (STUDENT, VAULT.person_id("s-ann"), 200),
        (STUDENT, DAN, 404),
        (SERVICE, "person_nobody", 404),
    ],
)
async def test_people_are_read_inside_the_reach(
    campus: DirectoryUnderTest, actor: Actor, person: str, status: int
) -> None:
    """A person is found where one of their roles is in the caller's reach."""
    answer = await campus.ask(actor, "GET", f"/people/{person}")
    assert answer.status_code == status
