"""Excel workbooks (.xlsx), read row by row; cells become the text that a person typed."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # ships no types
from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]  # ships no types
    InvalidFileException,
)

from ingest.domain.mapping_description import FileShape
from shared.kernel.errors import RuleBrokenError

_MAX_UNPACKED_BYTES = 2 * 1024**3
_MAX_RATIO = 200
_DAMAGED = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet; `raw` is its cells as JSON, since a sheet has no bytes of its own."""

    line: int
    values: tuple[str, ...]

    @property
    def raw(self) -> bytes:
        return json.dumps(self.values, ensure_ascii=False).encode()

    def cells(self) -> list[str]:
        return list(self.values)


def rows(path: Path, shape: FileShape) -> Iterator[SheetRow]:
    """Yield the rows that are not blank, after those to skip.

    Raises:
        RuleBrokenError: not a workbook, damaged, unpacking to far too much, or without the sheet.
    """
    try:
        _refuse_bombs(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except _DAMAGED as error:
        raise RuleBrokenError("damaged_file", f"not a workbook: {type(error).__name__}") from None
    try:
        if shape.sheet is not None and shape.sheet not in book.sheetnames:
            raise RuleBrokenError("missing_sheet", f"the workbook has no sheet {shape.sheet!r}")
        sheet = book[shape.sheet] if shape.sheet else book.worksheets[0]
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = tuple(map(_cell_text, values))
            if line > shape.skip and any(cells):
                yield SheetRow(line, cells)
    finally:
        book.close()


def _refuse_bombs(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > min(_MAX_UNPACKED_BYTES, max(path.stat().st_size, 1 << 20) * _MAX_RATIO):
        raise RuleBrokenError("too_large", "the workbook unpacks to far more than it holds")


def _cell_text(value: Any) -> str:  # noqa: ANN401, PLR0911 - one case a type of cell
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.strftime("%Y-%m-%d")
        case time():
            return value.strftime("%H:%M:%S")
        case _:
            return str(value)
