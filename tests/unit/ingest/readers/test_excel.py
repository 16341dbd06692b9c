"""Workbooks are read as the text that a person typed."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest

from ingest.domain.mapping_description import FileShape
from ingest.readers import excel
from ingest.readers.rows import FeedFile
from shared.kernel.errors import RuleBrokenError

SHAPE = FileShape(glob=("x",), format="xlsx")


def a_workbook(folder: Path, rows: list[list[object]], sheet: str = "Sheet1") -> Path:
    path = folder / "x.xlsx"
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_cells_become_text(tmp_path: Path) -> None:
    """Numbers, dates, times and booleans become what a person reads."""
    at = datetime(2026, 3, 2, 8, 5)
    row: list[object] = ["学号", 17, 8.5, 3.0, None, True, at, date(2026, 3, 2), time(8, 5)]
    (found,) = excel.rows(a_workbook(tmp_path, [row]), SHAPE)
    expected = ["学号", "17", "8.5", "3", "", "1", "2026-03-02 08:05:00"]
    assert found.cells()[:7] == expected
    assert found.cells()[8] == "08:05:00"


def test_columns_are_found_by_the_header(tmp_path: Path) -> None:
    """A workbook has header, blank rows and line numbers like a text file."""
    path = a_workbook(tmp_path, [["报表"], ["姓名", "学号"], [], ["x", 5]])
    file = FeedFile(path, SHAPE.model_copy(update={"skip": 1}), {"student": "学号"})
    assert [(raw.line, file.layout.row(raw.cells())) for raw in file] == [(4, {"student": "5"})]


def test_the_named_sheet_is_read(tmp_path: Path) -> None:
    """A sheet that is not there is one clear error."""
    path = a_workbook(tmp_path, [["a"]], sheet="数据")
    assert list(excel.rows(path, SHAPE.model_copy(update={"sheet": "数据"})))
    with pytest.raises(RuleBrokenError, match="no sheet"):
        list(excel.rows(path, SHAPE.model_copy(update={"sheet": "other"})))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    """Other bytes under the name of a workbook are refused."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(RuleBrokenError, match="not a workbook"):
        list(excel.rows(path, SHAPE))


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    """A small file that unpacks to gigabytes is not unpacked."""
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 * 1024 * 1024))
    with pytest.raises(RuleBrokenError, match="far more"):
        list(excel.rows(path, SHAPE))


def cut_short(path: Path, keep: float) -> None:
    """Write the workbook again with its sheet's XML ending in the middle."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            whole = not name.startswith("xl/worksheets/")
            archive.writestr(name, content if whole else content[: int(len(content) * keep)])


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_sheet_that_ends_in_the_middle_is_one_clear_error(tmp_path: Path, keep: float) -> None:
    """Damage that shows up only while the rows are read is told like damage found at once."""
    path = a_workbook(tmp_path, [["学号", n] for n in range(5_000)])
    cut_short(path, keep)
    with pytest.raises(RuleBrokenError) as caught:
        list(excel.rows(path, SHAPE))
    assert caught.value.code == "damaged_file"


def test_what_the_consumer_raises_stays_its_own(tmp_path: Path) -> None:
    """An error thrown in at a row is not taken for damage of the file."""
    rows = excel.rows(a_workbook(tmp_path, [["a"], ["b"]]), SHAPE)
    next(rows)
    with pytest.raises(ZeroDivisionError):
        rows.throw(ZeroDivisionError())  # type: ignore[attr-defined]
