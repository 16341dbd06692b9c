"""What the use cases need from outside: stores inside one transaction."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from directory.domain.audit import AuditEntry, ChainedEntry, SignedHead
from directory.domain.facts import CalendarEntry, Leave, Student
from directory.domain.org import Place, Tree
from directory.domain.person import Assignment, DirectoryRole, Person
from directory.domain.reveal import Reveal
from directory.domain.roster.plan import Known, Plan
from directory.domain.vault import Column
from shared.auth.permission import Rows
from shared.contracts.student import StudentFacts


class OrgStore(Protocol):
    """The tree and the calendar."""

    async def tree(self) -> Tree: ...

    async def calendar(self) -> list[CalendarEntry]: ...

    async def replace_calendar(self, node: str, entries: Sequence[CalendarEntry]) -> None:
        """Replace what people entered for one node; what rosters said stays."""
        ...


class PeopleStore(Protocol):
    """People, what they are where, and their sealed columns."""

    async def get(self, person: str) -> Person | None: ...

    async def assignments(self, person: str) -> list[Assignment]: ...

    async def active_at(
        self, node: str, roles: Sequence[DirectoryRole]
    ) -> list[tuple[Person, Assignment]]: ...

    async def sealed(self, person: str) -> dict[Column, str]: ...


class RosterStore(Protocol):
    """What an import compares with and writes."""

    async def known(self) -> Known: ...

    async def save(self, plan: Plan, sealed: dict[str, dict[Column, str]]) -> None: ...


class StudentStore(Protocol):
    """Students, their facts and their leave."""

    async def get(self, pseudonym: str, *, lock: bool = False) -> Student | None: ...

    async def load(self, pseudonyms: Sequence[str] | None) -> list[Student]:
        """Return students to work on, locked; None means all."""
        ...

    async def memberships(self, students: Sequence[Student] | None) -> dict[str, list[Assignment]]:
        """Return the student assignments by person; None means everybody's."""
        ...

    async def page(
        self, rows: Rows, *, college: str | None, after: str, limit: int
    ) -> list[StudentFacts]: ...

    async def in_place(self, place: Place) -> list[str]: ...

    async def publish(self, facts: Sequence[StudentFacts]) -> None:
        """Store facts as told and put them in the outbox, in this transaction."""
        ...

    async def leaves(self, pseudonyms: Sequence[str] | None) -> dict[str, list[Leave]]: ...

    async def save_leave(self, leave: Leave, entered_by: str, at: str) -> None: ...


class RevealStore(Protocol):
    """Reveals that were opened or wait."""

    async def get(self, reveal: str) -> Reveal | None:
        """Return a reveal, locked until the transaction ends."""
        ...

    async def save(self, reveal: Reveal, at: str) -> None: ...

    async def needing_review(self, limit: int) -> list[Reveal]: ...


class AuditStore(Protocol):
    """The audit chain; entries are only ever added."""

    async def append(self, entry: AuditEntry) -> ChainedEntry: ...

    async def page(self, after: int, limit: int) -> list[ChainedEntry]: ...

    async def last(self) -> ChainedEntry | None: ...

    async def heads(self) -> list[SignedHead]: ...

    async def save_head(self, head: SignedHead) -> None: ...


@dataclass(frozen=True)
class Waiting:
    """One record that waits for the broker."""

    sequence: int
    topic: str
    key: str
    value: str


class Outbox(Protocol):
    """Records in the order in which they were decided; one sender at a time."""

    def oldest(self, limit: int) -> AbstractAsyncContextManager[list[Waiting]]:
        """Hold the sender's turn; the list is empty when another sender has it."""
        ...

    async def remove(self, sent: Sequence[Waiting]) -> None: ...

    async def count(self) -> int: ...


@dataclass(frozen=True)
class Stores:
    """All stores of one transaction."""

    org: OrgStore
    people: PeopleStore
    roster: RosterStore
    students: StudentStore
    reveals: RevealStore
    audit: AuditStore


class Work(Protocol):
    """Opens transactions: both commit on a clean exit and roll back on an exception."""

    def write(self) -> AbstractAsyncContextManager[Stores]: ...

    def read(self) -> AbstractAsyncContextManager[Stores]: ...
