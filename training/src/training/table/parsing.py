"""Pieces of a CSV file as columns of text, and what a cell means; errors name line and column."""

import csv
import gzip
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from shared.kernel.errors import LanternError

CHUNK_ROWS = 20_000
_LARGEST_FIELD = 1 << 20
_NOT_IN_NUMBERS = "_"  # Python reads 1_000 as a number, no spreadsheet does


class TableError(LanternError):
    """A file that is no usable table; the text says where."""


@dataclass(frozen=True)
class Chunk:
    """Rows as columns of text; `lines` are the lines of the file that the rows end in."""

    lines: list[int]
    columns: list[list[str]]

    @property
    def rows(self) -> int:
        return len(self.columns[0])


class _Lines(Protocol):
    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


def number(cell: str) -> float:
    """Return a cell as a number, NaN where it is empty.

    Raises:
        ValueError: it is text.
    """
    if not cell:
        return math.nan
    if _NOT_IN_NUMBERS in cell:
        raise ValueError(cell)
    return float(cell)


def all_numbers(cells: Sequence[str]) -> list[float]:
    """Return what `number` says of each cell, four times as fast: most of the time goes here.

    Raises:
        ValueError: one of them is text.
    """
    if _NOT_IN_NUMBERS in "".join(cells):
        return [number(cell) for cell in cells]
    return [float(cell) if cell else math.nan for cell in cells]


def canonical(label: str) -> str:
    """Return a label so that 1, 1.0 and 01 are one."""
    if label in {"0", "1"}:
        return label
    try:
        value = number(label)
    except ValueError:
        return label
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def header(path: Path) -> list[str]:
    """Return the names of the columns.

    Raises:
        TableError: no file, no header, an empty or repeated name.
    """
    with _opened(path) as file:
        return _header(path, _reader(file))


def chunks(path: Path, wanted: Sequence[str], rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Yield pieces of a table with the wanted columns in the wanted order.

    Raises:
        TableError: unreadable, not UTF-8, a missing column, or a row of another length.
    """
    with _opened(path) as file:
        reader = _reader(file)
        names = _header(path, reader)
        absent = [name for name in wanted if name not in names]
        if absent:
            raise TableError(f"{path.name} line 1: no column {absent[0]!r}; there are {names}")
        places = [names.index(name) for name in wanted]
        yield from _pieces(path, reader, names, places, rows)


def _pieces(  # noqa: PLR0917 - one private use
    path: Path, reader: _Lines, names: list[str], places: list[int], rows: int
) -> Iterator[Chunk]:
    kept: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if len(row) != len(names):
                if not row:
                    continue
                raise _wrong_length(path, reader.line_num, row, names)
            kept.append(row)
            lines.append(reader.line_num)
            if len(kept) == rows:
                yield _chunk(lines, kept, places)
                kept, lines = [], []
    except UnicodeDecodeError as error:
        where = f"{path.name} after line {reader.line_num}"
        raise TableError(f"{where}: not UTF-8 (byte {error.object[error.start]:#x})") from None
    except (csv.Error, OSError, EOFError) as error:
        raise TableError(f"{path.name} line {reader.line_num}: {error}") from None
    if kept:
        yield _chunk(lines, kept, places)


def _chunk(lines: list[int], rows: list[list[str]], places: list[int]) -> Chunk:
    columns = list(zip(*rows, strict=True))
    return Chunk(lines, [[cell.strip() for cell in columns[place]] for place in places])


def _wrong_length(path: Path, line: int, row: list[str], names: list[str]) -> TableError:
    if len(row) < len(names):
        what = f"column {names[len(row)]!r} is missing"
    else:
        what = f"more cells than columns after {names[-1]!r}"
    return TableError(f"{path.name} line {line}: {what} ({len(row)} cells, {len(names)} columns)")


def _opened(path: Path) -> TextIO:
    try:
        if path.suffix == ".gz":
            return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from None


def _reader(file: TextIO) -> _Lines:
    csv.field_size_limit(_LARGEST_FIELD)
    return csv.reader(file, strict=True)


def _header(path: Path, reader: _Lines) -> list[str]:
    try:
        names = [name.strip() for name in next(reader)]
    except StopIteration:
        raise TableError(f"{path.name}: the file is empty") from None
    except UnicodeDecodeError:
        raise TableError(f"{path.name} line 1: not UTF-8") from None
    except (csv.Error, OSError, EOFError) as error:
        raise TableError(f"{path.name} line 1: {error}") from None
    for place, name in enumerate(names, start=1):
        if not name:
            raise TableError(f"{path.name} line 1: column {place} has no name")
        if names.index(name) != place - 1:
            raise TableError(f"{path.name} line 1: column {name!r} is there twice")
    return names
