"""The campus as OneRoster 1.2 CSV: what directory imports, as a folder or one zip.

The school is the org without a parent, colleges are its children, teams are classes of a college.
Students and teachers are enrolled in their teams, peer helpers as aides; counsellors and officers
have their roles at an org. Calendar entries are academic sessions with `metadata.lantern.kind`.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from simulator.campus import SCHOOL, Campus, Staff
from simulator.simulation import Simulation

_ROLES = {
    "school_officer": "administrator",
    "college_counsellor": "counselor",
    "advisor": "teacher",
    "it": "systemAdministrator",
}
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)
_Rows = Iterable[tuple[str, ...]]
_COLUMNS = {
    "manifest.csv": "propertyName value",
    "orgs.csv": "sourcedId status dateLastModified name type identifier parentSourcedId "
    "metadata.lantern.nameEn",
    "academicSessions.csv": "sourcedId status dateLastModified title type startDate endDate "
    "parentSourcedId schoolYear metadata.lantern.kind metadata.lantern.org",
    "courses.csv": "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades "
    "orgSourcedId subjects subjectCodes",
    "classes.csv": "sourcedId status dateLastModified title grades courseSourcedId classCode "
    "classType location schoolSourcedId termSourcedIds subjects subjectCodes periods "
    "metadata.lantern.nameEn",
    "users.csv": "sourcedId status dateLastModified enabledUser username userIds givenName "
    "familyName middleName identifier email sms phone agentSourcedIds grades password "
    "metadata.lantern.language metadata.lantern.degree metadata.lantern.intake",
    "roles.csv": "sourcedId status dateLastModified userSourcedId roleType role beginDate endDate "
    "orgSourcedId userProfileSourcedId",
    "enrollments.csv": "sourcedId status dateLastModified classSourcedId schoolSourcedId "
    "userSourcedId role primary beginDate endDate metadata.lantern.primary",
}


def roster_files(simulation: Simulation) -> dict[str, bytes]:
    """Return the CSV files by name; equal configurations give equal bytes."""
    campus = simulation.campus
    rows: dict[str, _Rows] = {
        "manifest.csv": _manifest(),
        "orgs.csv": _orgs(campus),
        "academicSessions.csv": _sessions(simulation),
        "courses.csv": [
            ("course-research", "", "", "", "Graduate research", "", "", SCHOOL, "", "")
        ],
        "classes.csv": _classes(simulation),
        "users.csv": _users(campus),
        "roles.csv": _roles(campus),
        "enrollments.csv": _enrollments(campus),
    }
    return {name: _csv(_COLUMNS[name].split(), lines) for name, lines in rows.items()}


def write_roster(simulation: Simulation, path: Path) -> None:
    """Write the roster to a folder, or to a zip when `path` ends in `.zip`."""
    files = roster_files(simulation)
    if path.suffix == ".zip":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(roster_zip(files))
        return
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name).write_bytes(data)


def roster_zip(files: dict[str, bytes]) -> bytes:
    """Return one zip with the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_leaves(simulation: Simulation, path: Path) -> int:
    """Write official leaves as `student,kind,start,end` (days included); return their number."""
    first = simulation.calendar.first_day
    leaves = simulation.leaves()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("student", "kind", "start", "end"))
        for student, start, end in leaves:
            number = simulation.campus.numbers[student]
            writer.writerow(
                (number, "leave", first + timedelta(days=start), first + timedelta(days=end))
            )
    return len(leaves)


def _csv(header: list[str], rows: _Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _manifest() -> _Rows:
    yield "manifest.version", "1.0"
    yield "oneroster.version", "1.2"
    for name in _COLUMNS:
        if name != "manifest.csv":
            yield f"file.{name.removesuffix('.csv')}", "bulk"
    yield "source.systemName", "Lantern simulator"
    yield "source.systemCode", "lantern-simulator"


def _orgs(campus: Campus) -> _Rows:
    yield (
        SCHOOL,
        "active",
        "",
        "灯笼大学（虚构）",
        "school",
        "",
        "",
        "Lantern University (fictional)",
    )
    for college in campus.colleges:
        yield college.id, "active", "", college.name, "department", "", SCHOOL, college.name_en


def _sessions(simulation: Simulation) -> _Rows:
    for offset in (-1, 0, 1):
        term = simulation.calendar.term(offset)
        yield (
            f"term-{term.code}", "active", "", term.title, "semester", term.start.isoformat(),
            term.end.isoformat(), "", str(term.year + 1), "", "",
        )  # fmt: skip
    for entry in simulation.calendar.entries():
        start, end = entry.start.isoformat(), entry.end.isoformat()
        yield (
            f"{entry.kind}-{start}", "active", "", entry.title, "gradingPeriod", start, end, "",
            str(entry.start.year), entry.kind, SCHOOL,
        )  # fmt: skip


def _classes(simulation: Simulation) -> _Rows:
    campus = simulation.campus
    term = f"term-{simulation.calendar.term().code}"
    for team in campus.teams:
        college = campus.colleges[team.college]
        english = f"{college.name_en}, team {int(team.id[-2:])}"
        yield (
            team.id, "active", "", team.name, "", "course-research", "", "scheduled", "",
            college.id, term, "", "", "", english,
        )  # fmt: skip


def _users(campus: Campus) -> _Rows:
    for staff in campus.staff:
        language = "en" if staff.id == "officer-2" else "zh"
        identity = (staff.id, staff.id, staff.given, staff.family)
        yield _user(campus, identity, (language, "", ""))
    for index, (number, name) in enumerate(zip(campus.numbers, campus.names, strict=True)):
        more = ("zh", campus.degree(index), str(campus.intake[index]))
        yield _user(campus, (f"student-{number}", number, name[1], name[0]), more)


def _user(
    campus: Campus, identity: tuple[str, str, str, str], more: tuple[str, str, str]
) -> tuple[str, ...]:
    source_id, number, given, family = identity
    login = number.lower()
    return (
        source_id, "active", "", "true", login, "", given, family, "", number,
        f"{login}@{campus.config.domain}", "", "", "", "", "", *more,
    )  # fmt: skip


def _roles(campus: Campus) -> _Rows:
    for staff in campus.staff:
        yield _role(staff.id, _ROLES[staff.role], staff.org)
    for number, college in zip(campus.numbers, campus.college.tolist(), strict=True):
        yield _role(f"student-{number}", "student", campus.colleges[college].id)


def _role(user: str, role: str, org: str) -> tuple[str, ...]:
    return (f"role-{user}", "active", "", user, "primary", role, "", "", org, "")


def _enrollments(campus: Campus) -> _Rows:
    yield from (_member(campus, staff.id, "teacher", team) for staff, team in _advisors(campus))
    for number, team in zip(campus.numbers, campus.team.tolist(), strict=True):
        yield _member(campus, f"student-{number}", "student", team)
    for index in campus.peers:
        user = f"student-{campus.numbers[index]}"
        yield _member(campus, user, "aide", int(campus.team[index]))


def _advisors(campus: Campus) -> Iterator[tuple[Staff, int]]:
    for staff in campus.staff:
        if staff.team is not None:
            yield staff, staff.team


def _member(campus: Campus, user: str, role: str, team: int) -> tuple[str, ...]:
    node = campus.teams[team]
    college = campus.colleges[node.college].id
    key = f"member-{node.id}-{user}-{role}"
    primary = "true" if role == "student" else "false"
    flag = primary if role == "teacher" else ""
    return (key, "active", "", node.id, college, user, role, flag, "", "", primary)
