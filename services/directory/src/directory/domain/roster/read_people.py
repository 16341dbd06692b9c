"""users.csv, roles.csv and enrollments.csv become people and what they are where.

Roles come from roles.csv (OneRoster 1.2) where it is in the set, else from the columns `role` and
`orgSourcedIds` of users.csv (1.1). Guardians and other roles that we have no use for are not kept.
"""

from collections.abc import Mapping
from typing import cast

from directory.domain.org import Node
from directory.domain.person import (
    ROLE_KINDS,
    ROLE_NAMES,
    Assignment,
    Degree,
    DirectoryRole,
    Language,
)
from directory.domain.roster.read_org import find_node
from directory.domain.roster.roster import Roster, RosterPerson
from directory.domain.roster.table import BadRowError, Row, read_table
from directory.domain.vault import Identity, Vault

_ROLES: dict[str, DirectoryRole] = {
    "student": "student",
    "counselor": "college_counsellor",
    "teacher": "advisor",
    "aide": "peer_helper",
    "administrator": "school_officer",
    "districtadministrator": "school_officer",
    "siteadministrator": "school_officer",
    "principal": "school_officer",
    "systemadministrator": "it",
}
_ROLES |= {f"ext:{role}": role for role in ROLE_NAMES}
_DEGREES = ("master", "doctor", "bachelor", "other")
_WEBHOOK_STARTS = ("https://", "http://127.0.0.1", "http://localhost")
_MAX_EMAIL = 254
_MAX_NUMBER = 64
_YEARS = range(1950, 2101)


def role_of(text: str) -> DirectoryRole | None:
    """Return our role for a OneRoster role, None for those that we do not keep."""
    return _ROLES.get(text.strip().lower())


class PeopleReader:
    """Reads the three files about people against the nodes of the set and those we have."""

    def __init__(self, roster: Roster, known: Mapping[str, Node], vault: Vault) -> None:
        self._roster = roster
        self._known = known
        self._vault = vault
        self._numbers: set[str] = set()
        self._keys: set[tuple[str, ...]] = set()

    def read_roles(self, data: bytes) -> dict[str, list[Row]]:
        """Return the rows of roles.csv by user."""
        required = ("sourcedId", "status", "userSourcedId", "role", "orgSourcedId")
        rows: dict[str, list[Row]] = {}
        for row in read_table("roles.csv", data, required, self._roster.report):
            rows.setdefault(row.get("userSourcedId"), []).append(row)
        return rows

    def read_users(self, data: bytes, roles: dict[str, list[Row]] | None) -> None:
        """Read users.csv and, with it, the rows of roles.csv."""
        required = ("sourcedId", "status", "givenName", "familyName", "identifier")
        for row in read_table("users.csv", data, required, self._roster.report):
            own_roles = None if roles is None else roles.pop(row.get("sourcedId"), [])
            try:
                self._read_user(row, own_roles)
            except BadRowError as fault:
                self._roster.report.reject("users.csv", row.line, fault.column, fault.reason)
                self._ignore_roles(own_roles)
        for rows in (roles or {}).values():
            for row in rows:  # what is left belongs to no user of the set
                self._roster.report.reject("roles.csv", row.line, "userSourcedId", "unknown_user")

    def _read_user(self, row: Row, own_roles: list[Row] | None) -> None:
        person = self._vault.person_id(row.need("sourcedId"))
        if person in self._roster.seen_people:
            raise BadRowError("sourcedId", "duplicate")
        self._roster.seen_people.add(person)
        if row.is_deleted:
            self._roster.removed_people.add(person)
            self._ignore_roles(own_roles)
            return
        if own_roles is None:
            row.need("role")
        names = [row.get("role")] if own_roles is None else [r.get("role") for r in own_roles]
        kept = [role for role in map(role_of, names) if role]
        if not kept:
            self._roster.seen_people.discard(person)  # no role of ours: as if not here
            self._roster.report.file("users.csv").count("ignored")
            self._ignore_roles(own_roles)
            return
        nodes = self._nodes_of(row, kept[0]) if own_roles is None else []
        self._roster.people[person] = self._person(row, person, is_student="student" in kept)
        for node in nodes:
            self._add(Assignment("users.csv", person, kept[0], node))
        self._assign_from_roles(own_roles or [], person)

    def _ignore_roles(self, rows: list[Row] | None) -> None:
        if rows:
            self._roster.report.file("roles.csv").count("ignored", len(rows))

    def _person(self, row: Row, person: str, *, is_student: bool) -> RosterPerson:
        number = row.get("identifier")
        if is_student and not number:
            raise BadRowError("identifier", "missing")
        if len(number) > _MAX_NUMBER:
            raise BadRowError("identifier", "too_long")
        if number and number.upper() in self._numbers:
            raise BadRowError("identifier", "duplicate")
        identity = Identity(_full_name(row), number, _email(row), _webhook(row))
        made = RosterPerson(
            id=person,
            line=row.line,
            identity=identity,
            language=_language(row),
            degree=_degree(row),
            intake=_intake(row),
            is_active=row.get("enabledUser").lower() != "false",
            is_student=is_student,
        )
        if number:
            self._numbers.add(number.upper())
        return made

    def _nodes_of(self, row: Row, role: DirectoryRole) -> list[str]:
        """Return the units of `orgSourcedIds` where a role may be held."""
        places = [part.strip() for part in row.get("orgSourcedIds").split(",") if part.strip()]
        primary = row.get("primaryOrgSourcedId")
        named = dict.fromkeys([primary, *places] if primary else places)
        nodes = [self._node(place, "orgSourcedIds") for place in named]
        return [node.id for node in nodes if node.kind in ROLE_KINDS[role]]

    def _assign_from_roles(self, rows: list[Row], person: str) -> None:
        for row in rows:
            try:
                self._assign_one(row, person, "roles.csv", "orgSourcedId")
            except BadRowError as fault:
                self._roster.report.reject("roles.csv", row.line, fault.column, fault.reason)

    def read_enrollments(self, data: bytes, people: Mapping[str, object]) -> None:
        """Read enrollments.csv; `people` are those whom we have already."""
        file, report = "enrollments.csv", self._roster.report
        required = ("sourcedId", "status", "classSourcedId", "userSourcedId", "role")
        for row in read_table(file, data, required, report):
            try:
                person = self._member(row, people)
                self._assign_one(row, person, file, "classSourcedId")
            except BadRowError as fault:
                report.reject(file, row.line, fault.column, fault.reason)

    def _member(self, row: Row, people: Mapping[str, object]) -> str:
        person = self._vault.person_id(row.need("userSourcedId"))
        is_left = person in self._roster.removed_people
        if person not in self._roster.people and (person not in people or is_left):
            raise BadRowError("userSourcedId", "unknown_user")
        return person

    def _assign_one(self, row: Row, person: str, file: str, column: str) -> None:
        role = role_of(row.need("role"))
        if role is None:
            self._roster.report.file(file).count("ignored")
            return
        node = self._node(row.need(column), column)
        if node.kind not in ROLE_KINDS[role]:
            if file == "roles.csv" and role in ("advisor", "peer_helper", "student"):
                self._roster.report.file(file).count("ignored")  # their teams are in enrollments
                return
            raise BadRowError(column, "wrong_kind_of_org")
        start, end = row.days("beginDate", "endDate")
        primary = "true" in (row.get("primary").lower(), row.get("metadata.lantern.primary"))
        made = Assignment(file, person, role, node.id, start, end, is_primary=primary)
        if row.is_deleted:
            self._roster.removed_assignments.add(made)
        else:
            self._add(made)

    def _add(self, made: Assignment) -> None:
        if made.key in self._keys:
            self._roster.report.file(made.source).count("ignored")
            return
        self._keys.add(made.key)
        self._roster.assignments[made] = None

    def _node(self, source_id: str, column: str) -> Node:
        node = find_node(source_id, self._roster, self._known)
        if node is None:
            raise BadRowError(column, "unknown_org")
        return node


def _full_name(row: Row) -> str:
    family, given = row.need("familyName"), row.get("givenName")
    return f"{given} {family}".strip() if family.isascii() else family + given


def _email(row: Row) -> str:
    value = row.get("email")
    if not value:
        return ""
    local, at, host = value.rpartition("@")
    if not (local and at and "." in host) or len(value) > _MAX_EMAIL or " " in value:
        raise BadRowError("email", "bad_address")
    return value


def _webhook(row: Row) -> str:
    value = row.get("metadata.lantern.webhook")
    if value and (not value.startswith(_WEBHOOK_STARTS) or " " in value):
        raise BadRowError("metadata.lantern.webhook", "bad_address")
    return value


def _language(row: Row) -> Language:
    value = row.get("metadata.lantern.language") or "zh"
    if value not in ("zh", "en"):
        raise BadRowError("metadata.lantern.language", "unknown_language")
    return cast("Language", value)


def _degree(row: Row) -> Degree:
    value = row.get("metadata.lantern.degree") or "other"
    if value not in _DEGREES:
        raise BadRowError("metadata.lantern.degree", "unknown_degree")
    return cast("Degree", value)


def _intake(row: Row) -> int:
    value = row.get("metadata.lantern.intake") or "0"
    if not (value.isascii() and value.isdigit()) or (value != "0" and int(value) not in _YEARS):
        raise BadRowError("metadata.lantern.intake", "not_a_year")
    return int(value)
