"""Excel workbooks (.xlsx), read row by row; cells become the text that a person typed."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl  # type: ignore[import-untyped]  # ships no types

from ingest.domain.mapping_description import FileShape
from shared.kernel.errors import RuleBrokenError

_MAX_UNPACKED_BYTES = 2 * 1024**3
_MAX_RATIO = 200


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
    with path.open("rb") as stream:  # ours, since openpyxl leaves it open when it fails
        book = _open(path, stream)
        try:
            if shape.sheet is not None and shape.sheet not in book.sheetnames:
                raise RuleBrokenError("missing_sheet", f"the workbook has no sheet {shape.sheet!r}")
            for line, cells in enumerate(_sheet_cells(book, shape.sheet), start=1):
                if line > shape.skip and any(cells):
                    yield SheetRow(line, cells)
        finally:
            book.close()


def _open(path: Path, stream: BinaryIO) -> Any:  # noqa: ANN401 - openpyxl has no types
    try:
        _refuse_bombs(path)
        return openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except RuleBrokenError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises anything at strange bytes
        raise RuleBrokenError("damaged_file", f"not a workbook: {type(error).__name__}") from None


def _sheet_cells(book: Any, name: str | None) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - no types
    """Yield each row's cells; a sheet is unpacked as it is read, so damage shows up late."""
    line = 0
    try:
        rows_ = iter((book[name] if name else book.worksheets[0]).iter_rows(values_only=True))
    except Exception as error:  # noqa: BLE001 - as below
        raise _damaged(line, error) from None
    while True:
        line += 1
        try:
            values = next(rows_, None)
            cells = None if values is None else tuple(map(_cell_text, values))
        except Exception as error:  # noqa: BLE001 - zlib, XML and openpyxl each have their own
            raise _damaged(line, error) from None
        if cells is None:
            return
        yield cells  # outside the try: what the consumer raises is its own


def _damaged(line: int, error: Exception) -> RuleBrokenError:
    return RuleBrokenError(
        "damaged_file", f"the sheet cannot be read at row {line}: {type(error).__name__}"
    )


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
