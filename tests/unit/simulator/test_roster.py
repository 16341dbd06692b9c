"""The campus as OneRoster 1.2 CSV."""

import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from simulator import CampusConfig, Simulation, simulate
from simulator.roster import roster_files, roster_zip, write_leaves, write_roster


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def test_every_reference_exists(simulation: Simulation) -> None:
    """Orgs, classes, users, roles and enrolments point at each other without a gap."""
    files = roster_files(simulation)
    orgs = {row["sourcedId"] for row in rows(files, "orgs.csv")}
    classes = {row["sourcedId"]: row["schoolSourcedId"] for row in rows(files, "classes.csv")}
    users = {row["sourcedId"] for row in rows(files, "users.csv")}
    assert set(classes.values()) <= orgs
    assert {row["parentSourcedId"] for row in rows(files, "orgs.csv")} == {"", "school"}
    for row in rows(files, "roles.csv"):
        assert row["userSourcedId"] in users
        assert row["orgSourcedId"] in orgs
    for row in rows(files, "enrollments.csv"):
        assert row["userSourcedId"] in users
        assert classes[row["classSourcedId"]] == row["schoolSourcedId"]


def test_every_student_has_one_team_of_the_own_college(simulation: Simulation) -> None:
    """Each student is enrolled once, and holds the student role at that team's college."""
    files = roster_files(simulation)
    students = [row for row in rows(files, "enrollments.csv") if row["role"] == "student"]
    assert len(students) == 120
    assert set(Counter(row["userSourcedId"] for row in students).values()) == {1}
    homes = {row["userSourcedId"]: row["orgSourcedId"] for row in rows(files, "roles.csv")}
    for row in students:
        assert homes[row["userSourcedId"]] == row["schoolSourcedId"]


def test_every_team_and_college_has_its_people(simulation: Simulation) -> None:
    """Teams have advisors and peer helpers, colleges counsellors, the school officers."""
    files = roster_files(simulation)
    by_team = Counter((r["classSourcedId"], r["role"]) for r in rows(files, "enrollments.csv"))
    for team in simulation.campus.teams:
        assert by_team[team.id, "teacher"] == 4
        assert by_team[team.id, "aide"] == 2
    by_org = Counter((r["orgSourcedId"], r["role"]) for r in rows(files, "roles.csv"))
    for college in simulation.campus.colleges:
        assert by_org[college.id, "counselor"] == 2
    assert by_org["school", "administrator"] == 2
    assert by_org["school", "systemAdministrator"] == 1


def test_people_are_plainly_made_up(simulation: Simulation) -> None:
    """Numbers are unique and of the made-up form, addresses lie under example.edu."""
    users = rows(roster_files(simulation), "users.csv")
    students = [row for row in users if row["sourcedId"].startswith("student-")]
    assert len({row["identifier"] for row in users}) == len(users)
    for row in students:
        assert re.fullmatch(r"S20\d{6}", row["identifier"])
        assert row["metadata.lantern.degree"] in {"master", "doctor"}
        assert row["metadata.lantern.intake"] == row["identifier"][1:5]
    assert all(row["email"].endswith("@example.edu") for row in users)


def test_the_calendar_covers_the_run(simulation: Simulation) -> None:
    """Days that the simulation treats as holiday or exam are masked in the roster, no others."""
    sessions = rows(roster_files(simulation), "academicSessions.csv")
    marked = [
        (row["metadata.lantern.kind"], row["startDate"], row["endDate"])
        for row in sessions
        if row["metadata.lantern.kind"]
    ]
    for number in range(simulation.config.days):
        day = simulation.calendar.day(number)
        kinds = {k for k, a, b in marked if a <= day.date.isoformat() <= b}
        assert ("holiday" in kinds) == (day.holiday or day.vacation)
        assert day.exam <= ("exam" in kinds)


def test_folder_and_zip_hold_the_same(simulation: Simulation, tmp_path: Path) -> None:
    """The zip is the folder, byte for byte, every time."""
    write_roster(simulation, tmp_path / "roster")
    write_roster(simulation, tmp_path / "roster.zip")
    with zipfile.ZipFile(tmp_path / "roster.zip") as archive:
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "roster" / name).read_bytes()
    again = roster_zip(roster_files(simulate(replace(simulation.config))))
    assert again == (tmp_path / "roster.zip").read_bytes()


def test_sizes_are_as_asked() -> None:
    """Two thousand students in forty teams of eight colleges, fifty a team."""
    campus = simulate(CampusConfig()).campus
    assert (len(campus), len(campus.teams), len(campus.colleges)) == (2000, 40, 8)
    assert set(Counter(campus.team.tolist()).values()) == {50}
    assert set(Counter(team.college for team in campus.teams).values()) == {5}


def test_a_large_campus_numbers_its_students_apart() -> None:
    """More than ten thousand students of one year still have numbers of one length."""
    numbers = simulate(CampusConfig(students=40_000)).campus.numbers
    assert len(set(numbers)) == 40_000
    assert {len(number) for number in numbers} == {10}


def test_nobody_on_leave_passes_a_door(simulation: Simulation, tmp_path: Path) -> None:
    """Official leave is exported, and a student on leave leaves no trace at doors and tills."""
    count = write_leaves(simulation, tmp_path / "leaves.csv")
    assert count == len(simulation.leaves()) > 0
    away = {
        (student, day)
        for student, first, last in simulation.leaves()
        for day in range(first, last + 1)
    }
    for day, tables in simulation.lived():
        if day.calendar.number >= simulation.config.days:
            break
        for table in tables:
            if table.feed == "door":
                assert not {(s, day.calendar.number) for s in table.student.tolist()} & away
