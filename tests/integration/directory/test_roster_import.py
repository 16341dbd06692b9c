"""Imports of OneRoster sets through the API, on both databases."""

import time

import pytest
from tests.helpers.directory_service import (
    ADVISOR,
    ANN,
    BOB,
    CAT,
    COUNSELLOR,
    IT,
    SERVICE,
    DirectoryUnderTest,
)
from tests.helpers.rosters import FILES, PLANTED, many_students, replaced, without, zipped

KINDS = ("inserted", "updated", "unchanged", "removed", "rejected", "ignored")


def counts(report: dict[str, object]) -> dict[str, dict[str, int]]:
    files = report["files"]
    assert isinstance(files, list)
    return {file["file"]: {kind: file[kind] for kind in KINDS if file[kind]} for file in files}


async def test_a_first_import_inserts_everything(directory: DirectoryUnderTest) -> None:
    """A set becomes tree, people and published facts, and the report counts each line."""
    report = await directory.load()
    assert counts(report) == {
        "orgs.csv": {"inserted": 3},
        "classes.csv": {"inserted": 3},
        "users.csv": {"inserted": 9},
        "enrollments.csv": {"inserted": 6},
        "academicSessions.csv": {"inserted": 2, "ignored": 1},
    }
    assert (report["faults_total"], report["students_published"]) == (0, 4)
    ann = await directory.facts(ANN)
    assert (ann.school, ann.college, ann.team) == ("u1", "c1", "t1")
    assert (ann.enrolled, ann.degree, ann.intake, ann.version) == (True, "master", 2023, 1)
    assert [(m.kind, m.start, m.end) for m in ann.masks] == [
        ("holiday", "2026-10-01", "2026-10-07"),
        ("exam", "2027-01-04", "2027-01-15"),
    ]
    assert [m.kind for m in (await directory.facts(CAT)).masks] == ["holiday"]


async def test_the_same_set_again_changes_nothing(campus: DirectoryUnderTest) -> None:
    """An import is idempotent: nothing is written and nothing is published."""
    before = await campus.sent()
    report = await campus.load()
    assert counts(report)["users.csv"] == {"unchanged": 9}
    assert counts(report)["enrollments.csv"] == {"unchanged": 6}
    assert report["students_published"] == 0
    assert await campus.sent() == before


async def test_a_moved_student_belongs_to_the_new_team(campus: DirectoryUnderTest) -> None:
    """After a sync that moves a student the facts name the new team, with the next version."""
    moved = replaced("enrollments.csv", "e1,active,t1,s-ann", "e1,active,t2,s-ann")
    report = await campus.load(moved)
    assert counts(report)["enrollments.csv"] == {"inserted": 1, "removed": 1, "unchanged": 5}
    ann = await campus.facts(ANN)
    assert (ann.team, ann.version) == ("t2", 2)
    refused = await campus.ask(ADVISOR, "GET", f"/students/{ANN}")
    assert refused.status_code == 404


async def test_who_left_is_no_longer_enrolled(campus: DirectoryUnderTest) -> None:
    """A student whose line is gone keeps the place and is not enrolled; a return undoes it."""
    gone = without("enrollments.csv", "e2", files=without("users.csv", "s-bob"))
    report = await campus.load(gone)
    assert counts(report)["users.csv"] == {"removed": 1, "unchanged": 8}
    bob = await campus.facts(BOB)
    assert (bob.enrolled, bob.team, bob.version) == (False, "t2", 2)
    await campus.load()
    assert ((await campus.facts(BOB)).enrolled, (await campus.facts(BOB)).version) == (True, 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("s-bob,active,true", "s-bob,tobedeleted,true"),
        ("s-bob,active,true", "s-bob,active,false"),
    ],
)
async def test_deleted_and_disabled_users_left(
    campus: DirectoryUnderTest, old: str, new: str
) -> None:
    """`tobedeleted` and `enabledUser` false end the enrolment."""
    await campus.load(replaced("users.csv", old, new))
    assert not (await campus.facts(BOB)).enrolled


async def test_a_delta_leaves_the_others_alone(campus: DirectoryUnderTest) -> None:
    """In a delta set only the lines that are there count."""
    users = FILES["users.csv"].splitlines(keepends=True)
    files = {
        "manifest.csv": "propertyName,value\nfile.users,delta\n",
        "users.csv": users[0] + users[1].replace("master,2023", "doctor,2023"),
    }
    report = await campus.load(files)
    assert counts(report) == {"users.csv": {"updated": 1}}
    assert ((await campus.facts(ANN)).degree, (await campus.facts(ANN)).team) == ("doctor", "t1")
    assert (await campus.facts(BOB)).enrolled


async def test_a_cut_set_is_refused(directory: DirectoryUnderTest) -> None:
    """A set that would remove a large part of the people is refused unless it is asked for."""
    await directory.load(many_students(40))
    answer = await directory.ask(
        SERVICE, "POST", "/roster/imports", files={"file": ("r.zip", zipped())}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "removes_too_many")
    assert all(facts.enrolled for facts in await directory.sent())
    report = await directory.load(FILES, allow_mass_removal=True)
    assert counts(report)["users.csv"] == {"removed": 40, "unchanged": 9}


async def test_planted_faults_are_reported_by_line(directory: DirectoryUnderTest) -> None:
    """Each bad line is named with file, line, column and reason; the good ones are imported."""
    orgs = FILES["orgs.csv"] + (
        "c1,active,又一个,department,u1,\n"
        "c9,active,孤儿,department,nowhere,\n"
        "bad id,active,坏,department,u1,\n"
        "d1,active,深,department,t-deep,\n"
        "x1,active,奇,planet,u1,\n"
    )
    users = FILES["users.csv"] + (
        "s-dup,active,true,重,复,2023900001,,student,c1,,,\n"
        "s-non,active,true,无,号,,,student,c1,,,\n"
        "s-mai,active,true,邮,箱,2023900009,not-an-address,student,c1,,,\n"
        "s-deg,active,true,学,位,2023900010,,student,c1,wizard,,\n"
        "s-org,active,true,单,位,2023900011,,student,c77,,,\n"
        "g-gua,active,true,家,长,,,guardian,c1,,,\n"
        "s-sho,active,true\n"
    )
    enrollments = FILES["enrollments.csv"] + (
        "e7,active,t99,s-ann,student,,,\n"
        "e8,active,t1,s-nobody,student,,,\n"
        "e9,active,t1,s-ann,student,,2026-09-01,2026-08-01\n"
        "e10,active,t1,s-ann,student,,next week,\n"
    )
    files = {**FILES, "orgs.csv": orgs, "users.csv": users, "enrollments.csv": enrollments}
    report = await directory.load(files)
    faults = {(f["file"], f["line"], f["column"], f["reason"]) for f in report["faults"]}
    assert faults == {
        ("orgs.csv", 5, "sourcedId", "duplicate"),
        ("orgs.csv", 6, "parentSourcedId", "unknown_parent"),
        ("orgs.csv", 7, "sourcedId", "bad_id"),
        ("orgs.csv", 8, "parentSourcedId", "unknown_parent"),
        ("orgs.csv", 9, "type", "unknown_type"),
        ("users.csv", 11, "identifier", "duplicate"),
        ("users.csv", 12, "identifier", "missing"),
        ("users.csv", 13, "email", "bad_address"),
        ("users.csv", 14, "metadata.lantern.degree", "unknown_degree"),
        ("users.csv", 15, "orgSourcedIds", "unknown_org"),
        ("users.csv", 17, "", "wrong_number_of_columns"),
        ("enrollments.csv", 8, "classSourcedId", "unknown_org"),
        ("enrollments.csv", 9, "userSourcedId", "unknown_user"),
        ("enrollments.csv", 10, "endDate", "ends_before_it_begins"),
        ("enrollments.csv", 11, "beginDate", "not_a_date"),
    }
    assert counts(report)["users.csv"] == {"inserted": 9, "rejected": 6, "ignored": 1}
    for file in report["files"]:
        here = sum(file[kind] for kind in KINDS if kind != "removed")
        assert file["read"] == here, file
    assert len(await directory.sent()) == 4


async def test_a_rejected_line_leaves_the_person_as_before(campus: DirectoryUnderTest) -> None:
    """A fault in a known person's line does not end the enrolment."""
    broken = replaced(
        "users.csv",
        "s-ann,active,true,小安,欧阳,2023900001,ann@",
        "s-ann,active,true,小安,欧阳,2023900001,ann",
    )
    report = await campus.load(broken)
    assert counts(report)["users.csv"] == {"rejected": 1, "unchanged": 8}
    assert (await campus.facts(ANN)).enrolled
    assert (await campus.facts(ANN)).version == 1


async def test_a_number_cannot_be_taken_over(campus: DirectoryUnderTest) -> None:
    """A second active person with a known number is rejected; the holder stays."""
    users = FILES["users.csv"].splitlines(keepends=True)
    row = "s-new,active,true,新,人,2023900001,,student,c1,,,\n"
    files = {"manifest.csv": "propertyName,value\nfile.users,delta\n", "users.csv": users[0] + row}
    report = await campus.load(files)
    assert report["faults"] == [
        {"file": "users.csv", "line": 2, "column": "identifier", "reason": "number_taken"}
    ]


async def test_a_corrected_number_is_a_new_pseudonym(campus: DirectoryUnderTest) -> None:
    """When a number changes, the old pseudonym is no longer enrolled and the new one is."""
    await campus.load(replaced("users.csv", "2023900001", "2023900077"))
    facts = {one.student: one for one in await campus.sent()}
    assert not facts[ANN].enrolled
    assert sum(one.enrolled for one in facts.values()) == 4


async def test_oneroster_12_roles_are_read(directory: DirectoryUnderTest) -> None:
    """Roles come from roles.csv when it is there."""
    header, *lines = FILES["users.csv"].splitlines()
    rows = [line.split(",") for line in lines]
    roles = ["sourcedId,status,userSourcedId,roleType,role,orgSourcedId,beginDate,endDate"]
    roles += [f"r-{row[0]},active,{row[0]},primary,{row[7]},{row[8]},," for row in rows]
    users = [header] + [",".join([*row[:7], "", "", *row[9:]]) for row in rows]
    files = {**FILES, "users.csv": "\n".join(users), "roles.csv": "\n".join(roles)}
    report = await directory.load(files)
    assert report["faults"] == []
    assert counts(report)["roles.csv"] == {"inserted": 8, "ignored": 1}
    answer = await directory.ask(
        SERVICE, "GET", "/recipients", params={"student": ANN, "tier": "college"}
    )
    assert [r["role"] for r in answer.json()["recipients"]] == ["college_counsellor"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_zip"),
        (b"PK\x03\x04 not really", "bad_zip"),
        (zipped({"readme.txt": "hello"}), "no_roster_files"),
        (zipped({"a/users.csv": "x", "b/users.csv": "x"}), "duplicate_file"),
    ],
)
async def test_what_is_no_roster_is_refused(
    directory: DirectoryUnderTest, data: bytes, code: str
) -> None:
    """Other files are refused as a whole."""
    answer = await directory.ask(
        SERVICE, "POST", "/roster/imports", files={"file": ("r.zip", data)}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "text", ["\xff\xfe", 'sourcedId,"', "", "\0", "sourcedId\n" + "x" * 200_000]
)
async def test_hostile_csv_is_reported(directory: DirectoryUnderTest, text: str) -> None:
    """A file that is no CSV of ours is a rejected file, not a failed service."""
    data = zipped({**FILES, "users.csv": text})
    if text == "\xff\xfe":
        data = zipped({**FILES, "users.csv": "@@"}).replace(b"@@", b"\xff\xfe")
    answer = await directory.ask(
        SERVICE, "POST", "/roster/imports", files={"file": ("r.zip", data)}
    )
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["faults_total"] > 0


async def test_too_large_is_413(directory: DirectoryUnderTest) -> None:
    """A body above the limit is refused."""
    answer = await directory.ask(
        SERVICE, "POST", "/roster/imports", files={"file": ("r.zip", b"0" * (4 * 1024 * 1024 + 1))}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("actor", [COUNSELLOR, ADVISOR, IT])
async def test_only_school_and_machines_import(
    directory: DirectoryUnderTest, actor: object
) -> None:
    """Others are refused with the reason."""
    answer = await directory.ask(
        actor,  # type: ignore[arg-type]
        "POST",
        "/roster/imports",
        files={"file": ("r.zip", zipped())},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "action_not_granted")


async def test_five_thousand_users_take_seconds(directory: DirectoryUnderTest) -> None:
    """A large set is imported and published well inside a request's time, twice."""
    started = time.monotonic()
    report = await directory.load(many_students(5000))
    assert counts(report)["users.csv"] == {"inserted": 5009}
    again = await directory.load(many_students(5000))
    assert counts(again)["users.csv"] == {"unchanged": 5009}
    assert len(await directory.sent()) == 5004
    assert time.monotonic() - started < 60


async def test_the_report_repeats_no_value(directory: DirectoryUnderTest) -> None:
    """A report never shows a name, number or address, also not of a bad line."""
    await directory.load(replaced("users.csv", "ann@planted.example", "annplanted.example"))
    text = "".join(directory.responses)
    assert not [word for word in PLANTED if word in text]
