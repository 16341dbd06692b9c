"""File imports: what is to be read, how far it got, what became of the rows, and the ports."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from ingest.domain.ledger import Counts
from ingest.domain.mapping_description import FeedDescription
from ingest.domain.results import EventResult, Fault

ImportState = Literal["waiting", "staging", "sending", "done", "failed"]
OPEN_STATES: tuple[ImportState, ...] = ("waiting", "staging", "sending")
FAULTS_KEPT = 1000  # lines remembered for each file and reason; all are counted


@dataclass(frozen=True)
class SourceFile:
    """One file of rows; `sha256` is where its bytes are kept."""

    number: int
    feed: str
    name: str
    sha256: str


@dataclass(frozen=True)
class LookupFile:
    """One file of a lookup table of a feed."""

    feed: str
    lookup: str
    name: str
    sha256: str


@dataclass(frozen=True)
class ImportPlan:
    """What one import reads: files of one or several feeds, merged by event time."""

    descriptions: tuple[FeedDescription, ...]
    files: tuple[SourceFile, ...]
    lookups: tuple[LookupFile, ...] = ()

    def description(self, feed: str) -> FeedDescription:
        return next(d for d in self.descriptions if d.feed == feed)

    @property
    def sha256s(self) -> frozenset[str]:
        return frozenset(file.sha256 for file in self.everything)

    @property
    def everything(self) -> tuple[SourceFile | LookupFile, ...]:
        return (*self.files, *self.lookups)

    @property
    def feeds(self) -> tuple[str, ...]:
        return tuple(description.feed for description in self.descriptions)


class Position(NamedTuple):
    """A row's place in the merged order; rows without a time come first."""

    at: str
    file: int
    line: int


START = Position("", -1, -1)


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row in the merged order: an event as JSON, or the raw row and why it has no event."""

    position: Position
    body: bytes
    event_id: str | None = None
    reason: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A line of the validation report: where and why, never what stood there."""

    file: int
    line: int
    reason: str
    column: str | None


@dataclass(slots=True)
class Tally:
    """What became of the rows of one batch, by file number."""

    counts: dict[int, Counts] = field(default_factory=dict)
    reasons: Counter[tuple[int, str]] = field(default_factory=Counter)
    faults: list[RowFault] = field(default_factory=list)

    def enter(self, row: StagedRow, *, is_repeat: bool) -> None:
        """Count a row whose event was accepted, now or before."""
        self._add(row, Counts(duplicate=1) if is_repeat else Counts(accepted=1))

    def refuse(self, row: StagedRow, reason: str, column: str | None) -> None:
        file, line = row.position.file, row.position.line
        self._add(row, Counts(rejected=1))
        self.reasons[file, reason] += 1
        self.faults.append(RowFault(file, line, reason, column))

    def _add(self, row: StagedRow, one: Counts) -> None:
        file = row.position.file
        self.counts[file] = self.counts.get(file, Counts()) + one


@dataclass(frozen=True)
class Pending:
    """The batch about to be sent: its end, and which of its rows were accepted before it.

    After a crash the batch is sent again and everything comes back as a repeat; with this the rows
    that the crashed attempt got through are still counted as accepted.
    """

    end: Position
    known: frozenset[int]


@dataclass(frozen=True)
class FileProgress:
    """One file of an import and what became of its rows so far."""

    file: SourceFile
    counts: Counts
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class Import:
    """An import as stored; `staged` rows of `total` (None until all files were read)."""

    id: str
    name: str
    state: ImportState
    plan: ImportPlan
    created_at: datetime
    updated_at: datetime
    staged: int = 0
    total: int | None = None
    position: Position = START
    pending: Pending | None = None
    error: str | None = None


class ImportStore(Protocol):
    """Imports, durable."""

    async def add(self, job: Import) -> None: ...

    async def get(self, import_id: str) -> Import | None: ...

    async def newest(self, limit: int) -> list[Import]: ...

    async def staged(
        self, import_id: str, state: ImportState, rows: int, total: int | None
    ) -> None:
        """Record how far the reading got."""
        ...

    async def advance(
        self, import_id: str, position: Position, tally: Tally, pending: Pending | None
    ) -> None:
        """Record a batch and announce the next one, in one transaction."""
        ...

    async def open_imports(self) -> list[Import]:
        """Return the imports that are not finished, oldest first."""
        ...

    async def finish(self, import_id: str, state: ImportState, error: str | None) -> None: ...

    async def files(self, import_id: str) -> list[FileProgress]: ...

    async def faults(self, import_id: str, after: tuple[int, int], limit: int) -> list[RowFault]:
        """Return faults in the order of file and line, after a place (paging)."""
        ...


class Staging(Protocol):
    """Rows of an import, mapped and sorted by time on disk; calls block and run in a thread."""

    @property
    def rows(self) -> int: ...

    def feed_of(self, file: int) -> str: ...

    def fill(self, most: int) -> bool:
        """Read and map up to `most` further rows; return False when all files were read.

        Raises:
            RuleBrokenError: a file as a whole cannot be read.
        """
        ...

    def batch(self, after: Position, most: int, span_of: Callable[[str], str]) -> list[StagedRow]:
        """Return the next rows, all of one span of time (a batch never crosses a tick)."""
        ...

    def up_to(self, after: Position, end: Position) -> list[StagedRow]:
        """Return the rows after one place up to another, which is included."""
        ...

    def column_of(self, file: int, place: str | None) -> str | None:
        """Return the column of a file behind a place in an event."""
        ...

    def close(self) -> None: ...

    def discard(self) -> None:
        """Close and delete what was staged: it names students."""
        ...


class OpensStaging(Protocol):
    """Where staging areas come from."""

    def open(self, job: Import) -> Staging:
        """Open, or go on with, the staging area of an import; reads its lookup tables.

        Raises:
            RuleBrokenError: a file is missing or cannot be read as a whole.
        """
        ...

    def has(self, sha256: str) -> bool:
        """Return whether the bytes of a file are here."""
        ...

    def release(self, sha256s: Collection[str], until: datetime) -> None:
        """Delete files, but those uploaded since `until`: they wait for an import to come."""
        ...

    def tidy(self, open_imports: Collection[str], needed: Collection[str]) -> None:
        """Delete what a crash left: staged rows of finished imports, old unused uploads."""
        ...


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row without an event; `is_kept` says whether it becomes a dead letter (filtered: no)."""

    body: bytes
    fault: Fault
    is_kept: bool


class AcceptPath(Protocol):
    """The one way in, for events and for rows that gave none."""

    async def accept(self, feed_id: str, raw_events: Sequence[bytes]) -> list[EventResult]: ...

    async def refuse(self, feed_id: str, rows: Sequence[RefusedRow]) -> None:
        """Count rows of a file as rejected; those to be kept become dead letters."""
        ...

    def is_known(self, source: str, event_id: str) -> bool:
        """Return whether an event was accepted before."""
        ...

    def has_feed(self, feed_id: str) -> bool: ...
