"""Fill arrays from a file: numbers as float64, text as codes; on disk where they are large."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.table.parsing import Chunk, TableError, all_numbers, canonical, chunks, header, number
from training.table.schema import Schema

Array = NDArray[Any]
LARGE_BYTES = 512 * 1024 * 1024
UNKNOWN, EMPTY = -1, -2  # a text that training had not; the empty one, where training had none
MOST_LEVELS = 100_000  # codes of a text column; what comes after is unknown


@dataclass(frozen=True)
class Table:
    """`numbers` `[n, p]` float64 with NaN, `codes` `[n, q]` int32 into `levels`, labels 0 and 1.

    `groups` and `times` are arrays of n, or none where no such column was named; `ids` and `groups`
    are hashes of the cells. `ids_are_lines` says that ids count the rows of the file (0, 1, 2 … or
    1, 2, 3 …), so that they name no row of another file.
    """

    numbers: Array
    codes: Array
    levels: list[list[str]]
    label: Array
    groups: Array | None
    times: Array | None
    strange: int = 0  # text cells in columns of numbers, taken as missing
    ids: Array | None = None
    ids_are_lines: bool = False

    def __len__(self) -> int:
        return len(self.label)


def read_table(
    path: Path, schema: Schema, rows: int | None = None, levels: list[list[str]] | None = None
) -> Table:
    """Read a table; with `levels` only these are known, without them they are collected.

    Raises:
        TableError: see `chunks`; a label that is neither of the two; a group or time that is empty.
    """
    count = _count(path) if rows is None else rows
    numbers = _array(count, len(schema.numbers), np.float64)
    codes = _array(count, len(schema.texts), np.int32)
    coder = Coder(
        [{} for _ in schema.texts]
        if levels is None
        else [{level: code for code, level in enumerate(column)} for column in levels],
        grows=levels is None,
    )
    label = np.zeros(count, dtype=np.float64)
    roles = schema.roles
    ids, lines = np.zeros(count, dtype=np.int64), {0, 1}
    groups = np.zeros(count, dtype=np.int64) if roles.group else None
    times = np.zeros(count, dtype=np.float64) if roles.time else None
    at, strange = 0, 0
    for chunk in chunks(path, wanted(schema)):
        rows_here = slice(at, at + chunk.rows)
        label[rows_here] = _labels(path, chunk, schema)
        named = chunk.columns[1]
        ids[rows_here] = [_hash(cell) for cell in named]
        lines = {first for first in lines if _counts_on(named, first + at)}
        extra = 2
        if groups is not None:
            groups[rows_here] = [_hash(cell) for cell in chunk.columns[extra]]
            extra += 1
        if times is not None:
            times[rows_here] = _times(path, chunk, extra, roles.time or "")
            extra += 1
        middle = extra + len(schema.numbers)
        numeric, odd = number_columns(chunk.columns[extra:middle], chunk.rows)
        numbers[rows_here], strange = numeric, strange + odd
        codes[rows_here] = coder.codes(chunk.columns[middle:], chunk.rows)
        at += chunk.rows
    known = coder.levels()
    return Table(numbers, codes, known, label, groups, times, strange, ids, bool(lines))


def wanted(schema: Schema) -> list[str]:
    roles = schema.roles
    extra = [name for name in (roles.group, roles.time) if name is not None]
    return [roles.label, roles.id, *extra, *schema.numbers, *schema.texts]


def _counts_on(cells: Sequence[str], first: int) -> bool:
    return all(cell == str(number) for number, cell in enumerate(cells, first))


def number_columns(columns: list[list[str]], rows: int) -> tuple[Array, int]:
    """Return `[n, p]` and how many cells were text, which count as missing."""
    strange = 0
    out = np.empty((rows, len(columns)))
    for place, column in enumerate(columns):
        try:
            out[:, place] = all_numbers(column)
        except ValueError:
            parsed = [_lenient(cell) for cell in column]
            strange += sum(value is None for value in parsed)
            out[:, place] = [np.nan if value is None else value for value in parsed]
    return out, strange


def _lenient(cell: str) -> float | None:
    try:
        return number(cell)
    except ValueError:
        return None


class Coder:
    """Turns text into codes; learns new levels only while it grows."""

    def __init__(self, known: list[dict[str, int]], *, grows: bool) -> None:
        self._known = known
        self._grows = grows

    def codes(self, columns: list[list[str]], rows: int) -> Array:
        out = np.empty((rows, len(columns)), dtype=np.int32)
        for place, (column, known) in enumerate(zip(columns, self._known, strict=True)):
            if self._grows:
                for cell in dict.fromkeys(
                    column
                ):  # in the order of the file, so every run is the same
                    if cell not in known and len(known) < MOST_LEVELS:
                        known[cell] = len(known)
            nothing = UNKNOWN if self._grows else EMPTY
            out[:, place] = [known.get(cell, UNKNOWN if cell else nothing) for cell in column]
        return out

    def levels(self) -> list[list[str]]:
        return [list(known) for known in self._known]


def _array(rows: int, columns: int, kind: type) -> Array:
    if rows * columns * np.dtype(kind).itemsize < LARGE_BYTES:
        return np.empty((rows, columns), dtype=kind)
    with tempfile.TemporaryFile() as file:  # has no name; the map keeps it until the array is gone
        return np.memmap(file, dtype=kind, mode="w+", shape=(rows, columns))


def _count(path: Path) -> int:
    return sum(chunk.rows for chunk in chunks(path, header(path)[:1]))


def _labels(path: Path, chunk: Chunk, schema: Schema) -> list[float]:
    values = {schema.positive: 1.0, schema.negative: 0.0}
    try:
        return [values[canonical(cell)] for cell in chunk.columns[0]]
    except KeyError as error:
        line = chunk.lines[[canonical(c) for c in chunk.columns[0]].index(error.args[0])]
        where = f"{path.name} line {line} column {schema.roles.label!r}"
        raise TableError(
            f"{where}: the label is neither {schema.positive!r} nor {schema.negative!r}"
        ) from None


def _times(path: Path, chunk: Chunk, place: int, name: str) -> list[float]:
    return [
        _time(f"{path.name} line {line} column {name!r}", cell)
        for line, cell in zip(chunk.lines, chunk.columns[place], strict=True)
    ]


def _time(where: str, cell: str) -> float:
    try:
        if cell:
            return number(cell)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise TableError(f"{where}: the time is neither a number nor in ISO form") from None
    return moment.replace(tzinfo=None).toordinal() * 86_400.0 + (
        moment.hour * 3600 + moment.minute * 60 + moment.second
    )


def _hash(cell: str) -> int:
    return int.from_bytes(hashlib.blake2b(cell.encode(), digest_size=8).digest(), signed=True)
