"""Rows of a file, whatever its format: one row a line, each with its line number and raw form."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.domain.mapping_description import FeedDescription, FileShape
from ingest.domain.mapping_outcome import RowRefusedError
from ingest.readers import excel, text
from shared.kernel.errors import RuleBrokenError


class RawRow(Protocol):
    """What a format delivers: where the row stood, its bytes, and its cells on request."""

    @property
    def line(self) -> int: ...

    @property
    def raw(self) -> bytes: ...

    def cells(self) -> list[str]:
        """Return the cells.

        Raises:
            RowRefusedError: the line cannot be decoded or split.
        """
        ...


def raw_rows(path: Path, shape: FileShape) -> Iterator[RawRow]:
    """Yield the rows of a file, header included, blank lines and skipped rows left out.

    Raises:
        RuleBrokenError: the file as a whole cannot be read.
    """
    source = excel.rows(path, shape) if shape.format == "xlsx" else text.rows(path, shape)
    yield from source


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the named columns stand in a row, and how many cells a row has."""

    positions: Mapping[str, int]
    width: int

    def row(self, cells: list[str]) -> dict[str, str]:
        """Return the named cells without surrounding white space.

        Raises:
            RowRefusedError: cells are missing, or there are more than the header announces (stray
            empty cells at the end are tolerated).
        """
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            raise RowRefusedError("too_many_fields")
        try:
            return {name: cells[position].strip() for name, position in self.positions.items()}
        except IndexError:
            missing = next(n for n, p in self.positions.items() if p >= len(cells))
            raise RowRefusedError("missing_field", missing) from None

    def name_of(self, column: str | None) -> str | None:
        """Return the name of a column told by position (`#3`), if it has one."""
        names = {f"#{position + 1}": name for name, position in self.positions.items()}
        return names.get(column, column) if column is not None else None


def layout_of(columns: Mapping[str, int | str], header: list[str] | None) -> Layout:
    """Find the columns, by position (from 1) or by the header's names.

    Raises:
        RuleBrokenError: the header lacks a column.
    """
    names = [cell.strip().lstrip("\ufeff") for cell in header or ()]
    while names and not names[-1]:
        names.pop()
    positions: dict[str, int] = {}
    for column, where in columns.items():
        if isinstance(where, str):
            if where not in names:
                raise RuleBrokenError("missing_column", f"the header has no column {where!r}")
            positions[column] = names.index(where)
        else:
            positions[column] = where - 1
    widest = max(positions.values()) + 1
    if names and widest > len(names):
        raise RuleBrokenError("missing_column", f"the header has fewer than {widest} columns")
    return Layout(positions, max(len(names), widest))


class FeedFile:
    """One file of one feed: its layout, then its rows."""

    def __init__(self, path: Path, shape: FileShape, columns: Mapping[str, int | str]) -> None:
        self._rows = raw_rows(path, shape)
        self.layout = layout_of(columns, self._header() if shape.header else None)

    def _header(self) -> list[str]:
        first = next(self._rows, None)
        if first is None:
            raise RuleBrokenError("empty_file", "the file has no header")
        try:
            return first.cells()
        except RowRefusedError as refusal:
            raise RuleBrokenError(refusal.reason, "the header cannot be read") from None

    def __iter__(self) -> Iterator[RawRow]:
        return self._rows


def fits(path: Path, description: FeedDescription) -> bool:
    """Return whether a file has the columns of a description (reads its first rows only)."""
    try:
        FeedFile(path, description.file, description.columns)
    except RuleBrokenError:
        return False
    return True


csv.field_size_limit(text.MAX_LINE_BYTES)
