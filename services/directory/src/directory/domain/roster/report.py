"""What an import did: counts by file, and each rejected line with its column and reason."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["inserted", "updated", "unchanged", "removed", "rejected", "ignored"]
OUTCOMES: tuple[Outcome, ...] = (
    "inserted",
    "updated",
    "unchanged",
    "removed",
    "rejected",
    "ignored",
)


@dataclass(frozen=True)
class Fault:
    """A line that was not taken. Its value is not repeated: it may be a name."""

    file: str
    line: int
    column: str
    reason: str


@dataclass
class FileReport:
    """The counts of one file; `read` counts data lines, `removed` also what was no longer there."""

    file: str
    read: int = 0
    counts: Counter[Outcome] = field(default_factory=Counter)

    def count(self, outcome: Outcome, times: int = 1) -> None:
        self.counts[outcome] += times


@dataclass
class Report:
    """The report of one import, filled while it is read and planned."""

    files: dict[str, FileReport] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def file(self, name: str) -> FileReport:
        return self.files.setdefault(name, FileReport(name))

    def reject(self, file: str, line: int, column: str, reason: str) -> None:
        self.faults.append(Fault(file, line, column, reason))
        self.file(file).count("rejected")
