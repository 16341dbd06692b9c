"""One CSV file of a roster as rows with their line numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from directory.domain.roster.report import Report

MAX_VALUE_CHARACTERS = 500


class BadRowError(Exception):
    """A row that cannot be taken: the column at fault and a stable reason."""

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(f"{column}: {reason}")


@dataclass(frozen=True)
class Row:
    """One data line; absent columns and empty cells read as empty text."""

    line: int
    values: dict[str, str]

    def get(self, column: str) -> str:
        return self.values.get(column, "")

    def need(self, column: str) -> str:
        """Return a value that must be there; raises BadRowError."""
        value = self.get(column)
        if not value:
            raise BadRowError(column, "missing")
        return value

    def day(self, column: str) -> str:
        """Return an ISO day or empty text; raises BadRowError."""
        value = self.get(column)
        if not value:
            return ""
        try:
            return date.fromisoformat(value[:10]).isoformat()
        except ValueError:
            raise BadRowError(column, "not_a_date") from None

    def days(self, start: str, end: str) -> tuple[str, str]:
        """Return a span of days; raises BadRowError when it ends before it begins."""
        first, last = self.day(start), self.day(end)
        if first and last and last < first:
            raise BadRowError(end, "ends_before_it_begins")
        return first, last

    @property
    def is_deleted(self) -> bool:
        """Whether the sender asks to remove the row (`tobedeleted`)."""
        return self.get("status").lower() == "tobedeleted"


def read_table(file: str, data: bytes, required: tuple[str, ...], report: Report) -> Iterator[Row]:
    """Yield the good rows; the others, and a file that is no CSV at all, go to the report."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        report.reject(file, line, "", "not_utf8")
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        absent = [name for name in required if name not in header]
        if absent:
            report.reject(file, 1, absent[0], "column_missing")
            return
        yield from _rows(file, header, reader, report)
    except csv.Error:
        report.reject(file, reader.line_num, "", "not_csv")


def _rows(
    file: str, header: list[str], reader: Iterator[list[str]], report: Report
) -> Iterator[Row]:
    for cells in reader:
        if not any(cells):
            continue
        report.file(file).read += 1
        if len(cells) != len(header):
            report.reject(file, _line(reader), "", "wrong_number_of_columns")
            continue
        row = Row(_line(reader), dict(zip(header, (c.strip() for c in cells), strict=True)))
        fault = _bad_value(row)
        if fault:
            report.reject(file, row.line, *fault)
        else:
            yield row


def _line(reader: Iterator[list[str]]) -> int:
    number: int = getattr(reader, "line_num", 0)
    return number


def _bad_value(row: Row) -> tuple[str, str] | None:
    for column, value in row.values.items():
        if len(value) > MAX_VALUE_CHARACTERS:
            return column, "too_long"
        if any(ord(letter) < 32 for letter in value):  # noqa: PLR2004 - control characters
            return column, "control_character"
    return None
