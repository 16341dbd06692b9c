"""What a set of files says, before it is compared with what we have."""

from dataclasses import dataclass, field
from typing import Literal

from directory.domain.facts import CalendarEntry
from directory.domain.org import Node
from directory.domain.person import Assignment, Degree, Language
from directory.domain.roster.report import Report
from directory.domain.vault import Identity

Mode = Literal["bulk", "delta", "absent"]


@dataclass(frozen=True)
class RosterPerson:
    """One user of the roster, still with the identity."""

    id: str
    line: int
    identity: Identity
    language: Language
    degree: Degree
    intake: int
    is_active: bool
    is_student: bool


@dataclass
class Roster:
    """The good rows of a set. `seen_*` also hold the ids of rejected rows, which stay as they were.

    An assignment's and a node's `source` is the file that it came from.
    """

    report: Report
    modes: dict[str, Mode]
    nodes: dict[str, Node] = field(default_factory=dict)
    removed_nodes: dict[str, str] = field(default_factory=dict)
    seen_nodes: set[str] = field(default_factory=set)
    people: dict[str, RosterPerson] = field(default_factory=dict)
    removed_people: set[str] = field(default_factory=set)
    seen_people: set[str] = field(default_factory=set)
    assignments: dict[Assignment, None] = field(default_factory=dict)
    removed_assignments: set[Assignment] = field(default_factory=set)
    calendar: dict[CalendarEntry, None] = field(default_factory=dict)

    def mode(self, file: str) -> Mode:
        return self.modes.get(file, "absent")
