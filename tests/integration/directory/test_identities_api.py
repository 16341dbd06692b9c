"""Reveals, look-ups and the audit through the API, on both databases."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update
from tests.helpers.directory_service import (
    ADVISOR,
    ANN,
    BOB,
    CAT,
    COUNSELLOR,
    FAY,
    IT,
    OFFICER,
    OTHER_COUNSELLOR,
    PEER,
    SECOND_OFFICER,
    SERVICE,
    STUDENT,
    VAULT,
    DirectoryUnderTest,
)
from tests.helpers.rosters import PLANTED, without

from directory import tables
from shared.auth.actor import Actor
from shared.auth.testing import an_actor
from shared.crypto.sealing import UnsealableError
from shared.web.client import Response

WHY = {"pseudonym": ANN, "duty": "talk", "reason": "weekly talk is due"}
NAMED = {"name": "欧阳小安", "number": "2023900001", "email": "ann@planted.example"}


async def reveal(campus: DirectoryUnderTest, actor: Actor, **change: Any) -> Response:
    return await campus.ask(actor, "POST", "/identities/reveal", json=WHY | change)


async def test_a_counsellor_opens_an_own_student(campus: DirectoryUnderTest) -> None:
    """Up to yellow one person with the duty is enough; the answer is not cached anywhere."""
    answer = await reveal(campus, COUNSELLOR, level="yellow")
    assert (answer.status_code, answer.json()["identity"]) == (200, NAMED)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (FAY, "identity.reveal", "open") in await campus.trail()


@pytest.mark.parametrize(
    ("actor", "student", "status"),
    [
        (OTHER_COUNSELLOR, ANN, 404),
        (COUNSELLOR, CAT, 404),
        (COUNSELLOR, "p1:nobody", 404),
        (ADVISOR, ANN, 403),
        (PEER, ANN, 403),
        (STUDENT, ANN, 403),
        (IT, ANN, 403),
        (SERVICE, ANN, 403),
        (an_actor("school_officer", school="u2"), ANN, 404),
    ],
)
async def test_without_the_duty_it_is_refused_and_audited(
    campus: DirectoryUnderTest, actor: Actor, student: str, status: int
) -> None:
    """Every refused attempt is in the audit; break-glass does not replace a duty."""
    for break_glass in (False, True):
        answer = await reveal(
            campus, actor, pseudonym=student, level="blue", break_glass=break_glass
        )
        assert answer.status_code == status
        assert not [word for word in PLANTED if word in answer.text]
    refused = [entry for entry in await campus.trail() if entry[1] == "identity.reveal"]
    assert refused == [(actor.id, "identity.reveal", "refuse")] * 2


async def test_a_reason_is_required(campus: DirectoryUnderTest) -> None:
    """No reason, an empty one or an unknown duty is malformed."""
    for change in ({"reason": ""}, {"reason": "     "}, {"reason": "a\0bcdef"}, {"duty": "fun"}):
        assert (await reveal(campus, COUNSELLOR, **change)).status_code == 422


@pytest.mark.parametrize("level", ["orange", "red", None])
async def test_above_yellow_needs_a_second_person(
    campus: DirectoryUnderTest, level: str | None
) -> None:
    """Pending, approved by another, opened once by the requester; no level counts as above."""
    asked = await reveal(campus, COUNSELLOR, level=level)
    assert (asked.status_code, asked.json()["status"], asked.json()["identity"]) == (
        202,
        "pending",
        None,
    )
    path = f"/identities/reveals/{asked.json()['id']}"
    assert (await campus.ask(COUNSELLOR, "GET", path)).status_code == 202
    same = await campus.ask(COUNSELLOR, "POST", f"{path}/approve")
    assert (same.status_code, same.json()["code"]) == (403, "same_person")
    assert (await campus.ask(OTHER_COUNSELLOR, "POST", f"{path}/approve")).status_code == 404
    assert (await campus.ask(ADVISOR, "POST", f"{path}/approve")).status_code == 403
    approved = await campus.ask(OFFICER, "POST", f"{path}/approve")
    assert (approved.status_code, approved.json()["identity"]) == (200, None)
    assert (await campus.ask(SECOND_OFFICER, "POST", f"{path}/approve")).status_code == 409
    assert (await campus.ask(OFFICER, "GET", path)).status_code == 404
    opened = await campus.ask(COUNSELLOR, "GET", path)
    assert opened.json()["identity"] == NAMED
    assert (await campus.ask(COUNSELLOR, "GET", path)).status_code == 409


async def test_old_requests_and_approvals_open_nothing(campus: DirectoryUnderTest) -> None:
    """A request and an approval each live a quarter of an hour."""
    first = (await reveal(campus, COUNSELLOR, level="red")).json()["id"]
    second = (await reveal(campus, COUNSELLOR, level="red")).json()["id"]
    await campus.ask(OFFICER, "POST", f"/identities/reveals/{second}/approve")
    campus.clock.advance(15 * 60)
    late = await campus.ask(OFFICER, "POST", f"/identities/reveals/{first}/approve")
    assert (late.status_code, late.json()["code"]) == (409, "expired")
    assert (await campus.ask(COUNSELLOR, "GET", f"/identities/reveals/{second}")).status_code == 409


async def test_break_glass_opens_at_once_and_is_reviewed(campus: DirectoryUnderTest) -> None:
    """In an emergency one person opens; it stays on the list until another reviewed it."""
    opened = await reveal(campus, OFFICER, level="red", duty="emergency", break_glass=True)
    assert (opened.json()["identity"], opened.json()["needs_review"]) == (NAMED, True)
    listed = await campus.ask(SECOND_OFFICER, "GET", "/identities/reveals")
    assert [one["student"] for one in listed.json()["reveals"]] == [ANN]
    assert (await campus.ask(COUNSELLOR, "GET", "/identities/reveals")).status_code == 403
    path = f"/identities/reveals/{opened.json()['id']}/review"
    assert (await campus.ask(OFFICER, "POST", path)).status_code == 404
    assert (await campus.ask(SECOND_OFFICER, "POST", path)).status_code == 204
    listed = await campus.ask(OFFICER, "GET", "/identities/reveals")
    assert listed.json() == {"reveals": []}


async def test_a_counsellor_who_left_opens_nothing(campus: DirectoryUnderTest) -> None:
    """A token that outlives the duty is refused: the roster knows that its holder left."""
    await campus.load(without("users.csv", "k-fay"))
    answer = await reveal(campus, COUNSELLOR, level="blue")
    assert (answer.status_code, answer.json()["code"]) == (403, "person_left")


async def test_lookup_finds_own_students_only(campus: DirectoryUnderTest) -> None:
    """A number gives its pseudonym to those who could open it, and is never written down."""
    for number, actor, status in (
        ("2023900001", COUNSELLOR, 200),
        (" 2023900001 ", COUNSELLOR, 200),
        ("2023900003", COUNSELLOR, 404),
        ("9999", COUNSELLOR, 404),
        ("2023900001", ADVISOR, 403),
        ("2023900001", SERVICE, 403),
    ):
        answer = await campus.ask(actor, "POST", "/identities/lookup", json={"number": number})
        assert answer.status_code == status
        if status == 200:
            assert answer.json() == {"student": ANN}
    async with campus.work.read() as stores:
        links = await stores.audit.page(0, 100)
    assert not [link for link in links if "20239" in str(link)]
    assert sum(link.entry.action == "identity.lookup" for link in links) == 6


async def test_no_address_carries_a_student_number(campus: DirectoryUnderTest) -> None:
    """A number in an address is not looked up: access logs would keep it."""
    answer = await campus.ask(COUNSELLOR, "GET", "/identities/lookup?number=2023900001")
    assert answer.status_code == 405
    for path, methods in campus.app.openapi()["paths"].items():
        for method in methods.values():
            names = {one["name"] for one in method.get("parameters", ())}
            assert not names & {"number", "name", "email"}, path


async def test_the_vault_holds_no_plain_text(campus: DirectoryUnderTest) -> None:
    """No table has a name, number, address or roster id in clear, apart from names of units."""
    async with campus.database.read() as connection:
        dump = ""
        for table in tables.metadata.sorted_tables:
            rows = (await connection.execute(select(table))).all()
            dump += "".join(str(tuple(row)) for row in rows)
    assert "第一课题组" in dump
    assert not [word for word in PLANTED if word in dump]


async def test_a_moved_sealed_value_does_not_open(campus: DirectoryUnderTest) -> None:
    """A sealed name copied to another row is refused: it is bound to its place."""
    async with campus.work.read() as stores:
        of_ann = await stores.people.sealed(VAULT.person_id("s-ann"))
    assert VAULT.open(VAULT.person_id("s-ann"), of_ann).name == "欧阳小安"
    with pytest.raises(UnsealableError):
        VAULT.open(VAULT.person_id("s-bob"), of_ann)


async def test_the_audit_is_read_by_the_school(campus: DirectoryUnderTest) -> None:
    """Pages follow each other, reading is an entry, and others are refused."""
    await reveal(campus, COUNSELLOR, level="blue")
    first = (await campus.ask(OFFICER, "GET", "/audit", params={"limit": 1})).json()
    assert (first["entries"][0]["action"], first["next"]) == ("roster.import", 1)
    rest = (await campus.ask(OFFICER, "GET", "/audit", params={"after": 1})).json()
    assert [one["action"] for one in rest["entries"]] == ["identity.reveal", "audit.read"]
    assert rest["entries"][0]["detail"]["reason"] == WHY["reason"]
    for actor in (COUNSELLOR, SERVICE, IT):
        assert (await campus.ask(actor, "GET", "/audit")).status_code == 403
        assert (await campus.ask(actor, "GET", "/audit/verify")).status_code == 403


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"reason_in_detail": True}, "content"),
        ({"actor": "somebody_else"}, "content"),
        ({"outcome": "refuse"}, "content"),
        ({"hash": "0" * 64}, "content"),
        ({"previous": "0" * 64}, "previous_hash"),
        (None, "missing_entry"),
    ],
)
async def test_an_altered_row_is_named(
    campus: DirectoryUnderTest, change: dict[str, Any] | None, fault: str
) -> None:
    """Changing or deleting a row behind the service's back is found at the first broken entry."""
    for student in (ANN, BOB, ANN):
        await reveal(campus, COUNSELLOR, pseudonym=student, level="blue")
    good = (await campus.ask(OFFICER, "GET", "/audit/verify")).json()
    assert (good["is_intact"], good["entries"], good["first_broken"]) == (True, 4, None)
    table = tables.audit
    async with campus.database.write() as connection:
        if change is None:
            await connection.execute(delete(table).where(table.c.sequence == 2))
        elif "reason_in_detail" in change:
            row = await connection.execute(select(table.c.detail).where(table.c.sequence == 2))
            text = str(row.scalar()).replace("weekly", "yearly")
            await connection.execute(update(table).where(table.c.sequence == 2).values(detail=text))
        else:
            await connection.execute(update(table).where(table.c.sequence == 2).values(**change))
    bad = (await campus.ask(OFFICER, "GET", "/audit/verify")).json()
    named = 3 if fault == "missing_entry" else 2
    assert (bad["is_intact"], bad["first_broken"], bad["fault"]) == (False, named, fault)


async def test_a_cut_tail_shows_against_the_signed_head(campus: DirectoryUnderTest) -> None:
    """Deleting the newest entries passes the chain but not the day's signed head."""
    await reveal(campus, COUNSELLOR, level="blue")
    await campus.daily.run_once()
    table = tables.audit
    async with campus.database.write() as connection:
        await connection.execute(delete(table).where(table.c.sequence == 2))
    bad = (await campus.ask(OFFICER, "GET", "/audit/verify")).json()
    assert (bad["first_broken"], bad["fault"]) == (2, "cut_or_replaced")


async def test_a_forged_head_is_found(campus: DirectoryUnderTest) -> None:
    """A head that was not signed with our key counts as tampering."""
    await campus.daily.run_once()
    async with campus.database.write() as connection:
        await connection.execute(update(tables.audit_heads).values(signature="AAAA"))
    bad = (await campus.ask(OFFICER, "GET", "/audit/verify")).json()
    assert bad["fault"] == "signature"
