"""Read a whole set, in the order of its references."""

from collections.abc import Mapping
from typing import cast

from directory.domain.org import Node
from directory.domain.roster.read_org import (
    read_classes,
    read_manifest,
    read_orgs,
    read_sessions,
)
from directory.domain.roster.read_people import PeopleReader
from directory.domain.roster.report import Report
from directory.domain.roster.roster import Mode, Roster
from directory.domain.vault import Vault


def read_roster(
    files: Mapping[str, bytes],
    nodes: Mapping[str, Node],
    people: Mapping[str, object],
    vault: Vault,
) -> Roster:
    """Return the good rows and the report; `nodes` and `people` are what we have already."""
    report = Report()
    stated = read_manifest(files.get("manifest.csv", b"propertyName,value"), files, report)
    modes = {
        file: cast("Mode", stated.get(file, "bulk")) for file in files if file != "manifest.csv"
    }
    report.files.pop("manifest.csv", None) if not report.faults else None
    roster = Roster(report, modes)
    for file in modes:
        report.file(file)
    use = {file: data for file, data in files.items() if roster.mode(file) != "absent"}
    if "orgs.csv" in use:
        read_orgs(use["orgs.csv"], roster, nodes)
    if "classes.csv" in use:
        read_classes(use["classes.csv"], roster, nodes)
    reader = PeopleReader(roster, nodes, vault)
    roles = reader.read_roles(use["roles.csv"]) if "roles.csv" in use else None
    if "users.csv" in use:
        reader.read_users(use["users.csv"], roles)
    if "enrollments.csv" in use:
        reader.read_enrollments(use["enrollments.csv"], people)
    if "academicSessions.csv" in use:
        read_sessions(use["academicSessions.csv"], roster, nodes)
    return roster
