"""Compare a roster with what we have: what to write, who left, and the counts."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Literal

from directory.domain.facts import CalendarEntry
from directory.domain.org import Node
from directory.domain.person import Assignment, Person
from directory.domain.roster.roster import Roster, RosterPerson
from directory.domain.vault import Vault

MASS_REMOVAL_SHARE = 0.2
MASS_REMOVAL_FLOOR = 20


@dataclass(frozen=True)
class Known:
    """What we have: all nodes and people, and what rosters said before."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    assignments: AbstractSet[Assignment] = frozenset()
    calendar: AbstractSet[CalendarEntry] = frozenset()


@dataclass(frozen=True)
class PersonToSave:
    """A new or changed person: the public part, and the roster's row with the identity."""

    person: Person
    row: RosterPerson


@dataclass(frozen=True)
class Plan:
    """What the import writes. `calendar` is None when the set does not speak of it."""

    nodes: list[Node]
    people: list[PersonToSave]
    left: list[str]
    assignments: list[Assignment]
    dropped: list[Assignment]
    calendar: list[CalendarEntry] | None

    def removes_too_many(self, known: Known) -> bool:
        """Whether so many people would leave that the set is more likely cut short than right."""
        active = sum(person.is_active for person in known.people.values())
        return len(self.left) > max(MASS_REMOVAL_FLOOR, MASS_REMOVAL_SHARE * active)


def make_plan(roster: Roster, known: Known, vault: Vault, pseudonym: Callable[[str], str]) -> Plan:
    """Plan the difference and count it in the roster's report."""
    left = _people_who_left(roster, known)
    people = _people(roster, known, left, vault=vault, pseudonym=pseudonym)
    added, dropped = _assignments(roster, known)
    return Plan(
        nodes=_nodes(roster, known),
        people=people,
        left=left,
        assignments=added,
        dropped=dropped,
        calendar=_calendar(roster, known),
    )


def _nodes(roster: Roster, known: Known) -> list[Node]:
    changed: list[Node] = []
    for node in roster.nodes.values():
        old = known.nodes.get(node.id)
        outcome = _outcome(old, node)
        roster.report.file(node.source).count(outcome)
        if outcome != "unchanged":
            changed.append(node)
    gone = {i: file for i, file in roster.removed_nodes.items() if i in known.nodes}
    for node_id, file in roster.removed_nodes.items():
        if node_id not in gone or not known.nodes[node_id].is_active:
            roster.report.file(file).count("ignored")
    for node in known.nodes.values():
        if roster.mode(node.source) == "bulk" and node.id not in roster.seen_nodes:
            gone[node.id] = node.source
    for node_id, file in gone.items():
        if known.nodes[node_id].is_active:
            roster.report.file(file).count("removed")
            changed.append(replace(known.nodes[node_id], is_active=False))
    return changed


def _outcome(old: object, new: object) -> Literal["inserted", "updated", "unchanged"]:
    if old is None:
        return "inserted"
    return "unchanged" if old == new else "updated"


def _people_who_left(roster: Roster, known: Known) -> list[str]:
    report = roster.report.file("users.csv") if "users.csv" in roster.modes else None
    gone = set(roster.removed_people)
    if roster.mode("users.csv") == "bulk":
        gone |= known.people.keys() - roster.seen_people
    left = [i for i in sorted(gone) if i in known.people and known.people[i].is_active]
    if report:
        report.count("removed", len(left))
        report.count("ignored", len(roster.removed_people - set(left)))
    return left


def _people(
    roster: Roster,
    known: Known,
    left: list[str],
    *,
    vault: Vault,
    pseudonym: Callable[[str], str],
) -> list[PersonToSave]:
    named = {
        row.id: pseudonym(row.identity.number) if row.is_student else None
        for row in roster.people.values()
    }
    holders: dict[str | None, str] = {
        person.pseudonym: person.id
        for person in known.people.values()
        if person.pseudonym and person.is_active and person.id not in left
    }
    report = roster.report
    changed: list[PersonToSave] = []
    for row in list(roster.people.values()):
        holder = holders.get(named[row.id])
        if holder not in (None, row.id) and named.get(holder or "") in (None, named[row.id]):
            report.reject("users.csv", row.line, "identifier", "number_taken")
            _forget(roster, row.id)
            continue
        person = Person(row.id, named[row.id], row.language, row.is_active, _mac(row, vault))
        outcome = _outcome(known.people.get(row.id), person)
        report.file("users.csv").count(outcome)
        if outcome != "unchanged":
            changed.append(PersonToSave(person, row))
    return changed


def _mac(row: RosterPerson, vault: Vault) -> str:
    identity = vars(row.identity).values()
    return vault.mac("content", *identity, row.language, row.degree, str(row.intake))


def _forget(roster: Roster, person: str) -> None:
    """Take back a person who is refused late, with the assignments."""
    del roster.people[person]
    for made in [made for made in roster.assignments if made.person == person]:
        del roster.assignments[made]
        if made.source != "users.csv":
            roster.report.file(made.source).count("ignored")


def _assignments(roster: Roster, known: Known) -> tuple[list[Assignment], list[Assignment]]:
    old = {made.key: made for made in known.assignments}
    new = {made.key: made for made in roster.assignments}
    removed = {made.key for made in roster.removed_assignments}
    for made in new.values():
        if made.source != "users.csv":
            roster.report.file(made.source).count(_outcome(old.get(made.key), made))
    dropped = [
        made
        for key, made in old.items()
        if key not in new and (key in removed or _is_superseded(made, roster))
    ]
    for made in dropped:
        if made.source != "users.csv" and made.source in roster.modes:
            roster.report.file(made.source).count("removed")
    for made in roster.removed_assignments:
        if made.key not in old:
            roster.report.file(made.source).count("ignored")
    return [made for key, made in new.items() if old.get(key) != made], dropped


def _is_superseded(made: Assignment, roster: Roster) -> bool:
    """Whether the set speaks of this assignment's source and did not repeat it."""
    of_users = made.source in ("users.csv", "roles.csv")
    mode = roster.mode("users.csv" if of_users else made.source)
    is_refused = made.person in roster.seen_people and made.person not in (
        roster.people.keys() | roster.removed_people
    )
    if mode == "absent" or is_refused:
        return False
    return mode == "bulk" or (of_users and made.person in roster.people)


def _calendar(roster: Roster, known: Known) -> list[CalendarEntry] | None:
    file = "academicSessions.csv"
    if roster.mode(file) == "absent":
        return None
    report, new = roster.report.file(file), set(roster.calendar)
    report.count("inserted", len(new - known.calendar))
    report.count("unchanged", len(new & known.calendar))
    if roster.mode(file) == "delta":
        return sorted(new | known.calendar)
    report.count("removed", len(known.calendar - new))
    return sorted(new)
