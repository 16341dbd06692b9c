"""What became of one row: an event, or the reason why there is none."""

from dataclasses import dataclass


class RowRefusedError(Exception):
    """A row that gives no event; `reason` is a stable code, `column` the description's name."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        self.reason = reason
        self.column = column
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event ready for the accept path; `when` is its time in UTC, for merging files."""

    event: dict[str, object]
    when: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No event, and why; `column` names the column at fault, never its value."""

    reason: str
    column: str | None = None


Outcome = Mapped | Refused
