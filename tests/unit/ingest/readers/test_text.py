"""Text files: a line is a row, and a bad line never hurts the next one."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.mapping_description import FileShape
from ingest.domain.mapping_outcome import RowRefusedError
from ingest.readers import text
from ingest.readers.rows import FeedFile, layout_of
from shared.kernel.errors import RuleBrokenError

TABS = FileShape(glob=("x",), separator="\t", quote=None)
COMMAS = FileShape(glob=("x",))
CELL = st.text(st.characters(codec="gbk", exclude_characters='\t\n\r\0"\u0085\u2028,'), max_size=12)
COLUMNS = {"a": 1, "b": 2, "c": 3}


def written(folder: Path, content: bytes) -> Path:
    path = folder / "x"
    path.write_bytes(content)
    return path


def cells_of(path: Path, shape: FileShape) -> list[list[str]]:
    return [row.cells() for row in text.rows(path, shape)]


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL.filter(bool)), min_size=1, max_size=20),
    encoding=st.sampled_from(["utf-8", "gbk", "gb18030", "utf-8-sig"]),
    end=st.sampled_from(["\n", "\r\n"]),
    stray=st.sampled_from(["", "\t", "\t\t"]),
    zipped=st.booleans(),
)
def test_rows_are_read_back_whatever_the_file_looks_like(  # noqa: PLR0917 - the variants
    tmp_path: Path,
    rows: list[tuple[str, str, str]],
    encoding: str,
    end: str,
    stray: str,
    zipped: bool,
) -> None:
    """Encoding, BOM, line ends, stray tabs at the end and gzip change nothing."""
    body = "".join("\t".join(row) + stray + end for row in rows).encode(encoding)
    path = written(tmp_path, gzip.compress(body) if zipped else body)
    shape = TABS.model_copy(update={"encoding": encoding.removesuffix("-sig"), "header": False})
    file = FeedFile(path, shape, COLUMNS)
    found = [tuple(file.layout.row(raw.cells()).values()) for raw in file]
    assert found == [tuple(cell.strip() for cell in row) for row in rows]


def test_line_numbers_count_every_line(tmp_path: Path) -> None:
    """Blank and skipped lines are no rows, but they count."""
    path = written(tmp_path, b"report\nh1,h2\n\na,b\n\n\nc,d\n")
    shape = COMMAS.model_copy(update={"skip": 1})
    assert [row.line for row in text.rows(path, shape)] == [2, 4, 7]


def test_a_quoted_field_may_hold_the_separator(tmp_path: Path) -> None:
    """Quoting is understood as spreadsheets write it."""
    assert cells_of(written(tmp_path, b'a,"b,""c""",d\n'), COMMAS) == [["a", 'b,"c"', "d"]]


def test_an_open_quote_ruins_its_own_line_only(tmp_path: Path) -> None:
    """A stray quote does not swallow the rest of the file."""
    rows = list(text.rows(written(tmp_path, b'a,"b\nc,d\n'), COMMAS))
    with pytest.raises(RowRefusedError, match="bad_quoting"):
        rows[0].cells()
    assert rows[1].cells() == ["c", "d"]


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        ("a\t学\tc".encode("gbk")[:-3] + b"\xff\xff\tc", "bad_encoding", "#2"),
        (b"a\tb\tc\x00", "bad_character", "#3"),
        (b"x" * (text.MAX_LINE_BYTES + 5), "line_too_long", None),
    ],
)
def test_a_bad_line_is_refused_and_the_next_is_read(
    tmp_path: Path, line: bytes, reason: str, column: str | None
) -> None:
    """Wrong bytes, NULs and endless lines are told with their column; reading goes on."""
    path = written(tmp_path, line + b"\ngood\tgood\tgood\n")
    rows = list(text.rows(path, TABS.model_copy(update={"encoding": "gbk"})))
    with pytest.raises(RowRefusedError) as refusal:
        rows[0].cells()
    assert (refusal.value.reason, refusal.value.column) == (reason, column)
    assert [row.line for row in rows] == [1, 2]
    assert rows[1].cells() == ["good", "good", "good"]


@pytest.mark.parametrize("cut", [10, -4])
def test_a_damaged_gzip_file_is_one_clear_error(tmp_path: Path, cut: int) -> None:
    """A file that was cut off in transfer is refused as a whole."""
    path = written(tmp_path, gzip.compress(b"a,b\n" * 1000)[:cut])
    with pytest.raises(RuleBrokenError, match="cannot be read"):
        list(text.rows(path, COMMAS))


def test_missing_and_surplus_cells_are_told_apart(tmp_path: Path) -> None:
    """A short row names the missing column; a long one is refused unless its surplus is empty."""
    layout = layout_of({"first": "one", "last": "three"}, ["one", "two", "three"])
    assert layout.row(["1", "2", "3", "", " "]) == {"first": "1", "last": "3"}
    with pytest.raises(RowRefusedError, match="too_many_fields"):
        layout.row(["1", "2", "3", "4"])
    with pytest.raises(RowRefusedError) as refusal:
        layout.row(["1", "2"])
    assert (refusal.value.reason, refusal.value.column) == ("missing_field", "last")


def test_a_header_without_a_column_is_one_clear_error(tmp_path: Path) -> None:
    """A file of another shape is refused before its rows are."""
    with pytest.raises(RuleBrokenError, match="no column '学号'"):
        FeedFile(written(tmp_path, "姓名,年龄\n".encode()), COMMAS, {"student": "学号"})
    with pytest.raises(RuleBrokenError, match="no header"):
        FeedFile(written(tmp_path, b""), COMMAS, {"student": "学号"})
