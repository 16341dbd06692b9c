"""orgs.csv and classes.csv become nodes; academicSessions.csv becomes calendar entries.

A unit's kind is its depth: an org without parent is a school, its children are colleges, theirs are
teams. A class is a team of the college that `schoolSourcedId` names.
"""

import re
from collections.abc import Iterator, Mapping

from directory.domain.facts import CalendarEntry, CalendarKind
from directory.domain.org import Kind, Node
from directory.domain.roster.report import Report
from directory.domain.roster.roster import Roster
from directory.domain.roster.table import BadRowError, Row, read_table

NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,63}")
NAME_EN = "metadata.lantern.nameEn"
_DEPTH: tuple[Kind, ...] = ("school", "college", "team")
_ORG_TYPES = ("department", "school", "district", "local", "state", "national")
_CALENDAR: dict[str, CalendarKind] = {"holiday": "holiday", "exam": "exam"}


def node_id(row: Row, column: str) -> str:
    """Return a node's id; raises BadRowError unless it may travel in tokens and addresses."""
    value = row.need(column)
    if not NODE_ID.fullmatch(value):
        raise BadRowError(column, "bad_id")
    return value


def read_orgs(data: bytes, roster: Roster, known: Mapping[str, Node]) -> None:
    """Read orgs.csv in any order of lines; `known` are the nodes that we have already."""
    file = "orgs.csv"
    rows: dict[str, Row] = {}
    for row in _unique(file, data, ("sourcedId", "status", "name", "type"), roster):
        try:
            _check_type(row)
            row.need("name")
        except BadRowError as fault:
            roster.report.reject(file, row.line, fault.column, fault.reason)
        else:
            rows[row.get("sourcedId")] = row
    for source_id, row in rows.items():
        try:
            depth = _depth(source_id, rows, known)
        except BadRowError as fault:
            roster.report.reject(file, row.line, fault.column, fault.reason)
            continue
        name, parent = row.get("name"), row.get("parentSourcedId") or None
        english = row.get(NAME_EN) or name
        roster.nodes[source_id] = Node(source_id, _DEPTH[depth], parent, name, english, source=file)


def _check_type(row: Row) -> None:
    if row.need("type") not in _ORG_TYPES:
        raise BadRowError("type", "unknown_type")


def _unique(file: str, data: bytes, required: tuple[str, ...], roster: Roster) -> Iterator[Row]:
    """Yield rows with a good and new `sourcedId`; note removals."""
    for row in read_table(file, data, required, roster.report):
        try:
            source_id = _new_id(row, roster)
        except BadRowError as fault:
            roster.report.reject(file, row.line, fault.column, fault.reason)
            continue
        if row.is_deleted:
            roster.removed_nodes[source_id] = file
        else:
            yield row


def _new_id(row: Row, roster: Roster) -> str:
    source_id = node_id(row, "sourcedId")
    if source_id in roster.seen_nodes:
        raise BadRowError("sourcedId", "duplicate")
    roster.seen_nodes.add(source_id)
    return source_id


def _depth(source_id: str, rows: Mapping[str, Row], known: Mapping[str, Node]) -> int:
    parent, depth = rows[source_id].get("parentSourcedId"), 0
    while parent:
        depth += 1
        if depth >= len(_DEPTH):
            raise BadRowError("parentSourcedId", "too_deep_or_circular")
        if parent in rows:
            parent = rows[parent].get("parentSourcedId")
        elif parent in known:
            parent = known[parent].parent or ""
        else:
            raise BadRowError("parentSourcedId", "unknown_parent")
    return depth


def read_classes(data: bytes, roster: Roster, known: Mapping[str, Node]) -> None:
    """Read classes.csv: each class is a team."""
    file = "classes.csv"
    for row in _unique(file, data, ("sourcedId", "status", "title", "schoolSourcedId"), roster):
        try:
            college = _college(row, roster, known)
            title = row.need("title")
        except BadRowError as fault:
            roster.report.reject(file, row.line, fault.column, fault.reason)
            continue
        english = row.get(NAME_EN) or title
        node = Node(row.get("sourcedId"), "team", college, title, english, source=file)
        roster.nodes[node.id] = node


def _college(row: Row, roster: Roster, known: Mapping[str, Node]) -> str:
    parent = find_node(row.need("schoolSourcedId"), roster, known)
    if parent is None:
        raise BadRowError("schoolSourcedId", "unknown_org")
    if parent.kind != "college":
        raise BadRowError("schoolSourcedId", "class_needs_college")
    return parent.id


def find_node(source_id: str, roster: Roster, known: Mapping[str, Node]) -> Node | None:
    """Return a node of the set, else one that we have and that the set does not remove."""
    if source_id in roster.nodes:
        return roster.nodes[source_id]
    if source_id in roster.removed_nodes:
        return None
    return known.get(source_id)


def read_sessions(data: bytes, roster: Roster, known: Mapping[str, Node]) -> None:
    """Read academicSessions.csv: rows with `metadata.lantern.kind` are masks, no others."""
    file, report = "academicSessions.csv", roster.report
    required = ("sourcedId", "status", "startDate", "endDate")
    for row in read_table(file, data, required, report):
        try:
            entry = _session(row, roster, known)
        except BadRowError as fault:
            report.reject(file, row.line, fault.column, fault.reason)
            continue
        if entry is None or row.is_deleted or entry in roster.calendar:
            report.file(file).count("ignored")
        else:
            roster.calendar[entry] = None


def _session(row: Row, roster: Roster, known: Mapping[str, Node]) -> CalendarEntry | None:
    kind = row.get("metadata.lantern.kind")
    if not kind:
        return None
    if kind not in _CALENDAR:
        raise BadRowError("metadata.lantern.kind", "unknown_kind")
    node = find_node(row.need("metadata.lantern.org"), roster, known)
    if node is None or node.kind == "team":
        raise BadRowError("metadata.lantern.org", "needs_school_or_college")
    row.need("startDate")
    row.need("endDate")
    start, end = row.days("startDate", "endDate")
    return CalendarEntry(node.id, _CALENDAR[kind], start, end)


def read_manifest(data: bytes, files: Mapping[str, bytes], report: Report) -> dict[str, str]:
    """Return the modes that manifest.csv states (`file.users` = bulk, delta or absent)."""
    modes: dict[str, str] = {}
    for row in read_table("manifest.csv", data, ("propertyName", "value"), report):
        name, value = row.get("propertyName"), row.get("value").lower()
        if name == "oneroster.version" and value not in ("1.1", "1.2"):
            report.reject("manifest.csv", row.line, "value", "unsupported_version")
        if not name.startswith("file."):
            continue
        file = f"{name.removeprefix('file.')}.csv"
        if value not in ("bulk", "delta", "absent"):
            report.reject("manifest.csv", row.line, "value", "unknown_mode")
        elif value != "absent" and file not in files and file in _OURS:
            report.reject("manifest.csv", row.line, "propertyName", "announced_file_missing")
        modes[file] = value
    return modes


_OURS = ("orgs.csv", "classes.csv", "users.csv", "roles.csv", "enrollments.csv")
