"""Cells, pieces and errors that say where."""

import gzip
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.table.parsing import TableError, all_numbers, canonical, chunks, number

pytestmark = pytest.mark.training


def written(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("a,a\n1,2\n", "line 1: column 'a' is there twice"),
        ("a,,c\n1,2,3\n", "line 1: column 2 has no name"),
        ("a,b\n1,2\n3\n", "line 3: column 'b' is missing (1 cells, 2 columns)"),
        ("a,b\n1,2\n3,4,5\n", "line 3: more cells than columns after 'b'"),
        ("b\n1\n", "line 1: no column 'a'"),
        (b"a,b\n1,\xff\xfe\n", "not UTF-8"),
        ('a,b\n1,"2\n', "line 2: "),
    ],
)
def test_broken(tmp_path: Path, text: str | bytes, says: str) -> None:
    """A broken file is refused with file, line and column."""
    with pytest.raises(TableError) as caught:
        list(chunks(written(tmp_path, text), ["a"]))
    assert says in str(caught.value)
    assert "t.csv" in str(caught.value)


def test_pieces(tmp_path: Path) -> None:
    """Wanted columns come in the wanted order; pieces know their line; blank lines are none."""
    path = written(tmp_path, "﻿a,b,c\n1, x ,3\n4,y,6\n\n7,z,9\n")
    found = list(chunks(path, ["c", "b"], rows=2))
    assert [piece.columns for piece in found] == [[["3", "6"], ["x", "y"]], [["9"], ["z"]]]
    assert [piece.lines for piece in found] == [[2, 3], [5]]


def test_gzip(tmp_path: Path) -> None:
    """A name that ends in .gz is read through gzip; a cut file is named."""
    whole = gzip.compress(b"a\n" + b"1\n" * 5000)
    assert sum(p.rows for p in chunks(written(tmp_path, whole, "t.csv.gz"), ["a"])) == 5000
    with pytest.raises(TableError, match=r"cut.csv.gz line"):
        list(chunks(written(tmp_path, whole[:-12], "cut.csv.gz"), ["a"]))


@pytest.mark.parametrize("cell", ["?", "None", "NA", "1_000", "1,5", "abc", "0x10"])
def test_text(cell: str) -> None:
    """What no spreadsheet takes for a number is text."""
    with pytest.raises(ValueError, match=r".*"):
        number(cell)


def test_numbers() -> None:
    """An empty cell is missing; exponents and infinities are numbers."""
    assert math.isnan(number(""))
    assert number("-1.5e3") == -1500.0
    assert number("inf") == math.inf


@given(st.integers(-1000, 1000))
def test_canonical(value: int) -> None:
    """A whole number is one label, however it is written."""
    assert canonical(str(value)) == canonical(f"{value}.0") == canonical(f"{value}.00")


@given(st.lists(st.one_of(st.sampled_from(["", "1", " 2 ", "1_0", "nan", "-inf", "x", "1e400"]),
                          st.text(max_size=4), st.floats().map(repr))))  # fmt: skip
def test_all_at_once(cells: list[str]) -> None:
    """A column is what its cells are one by one, text included."""
    try:
        each = [number(cell) for cell in cells]
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - any text
            all_numbers(cells)
        return
    assert [repr(one) for one in all_numbers(cells)] == [repr(one) for one in each]
