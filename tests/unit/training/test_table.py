"""Schema and arrays of a table."""

from pathlib import Path

import numpy as np
import pytest

from training.table import reading
from training.table.parsing import TableError
from training.table.reading import UNKNOWN, read_table
from training.table.schema import Roles, schema_of

pytestmark = pytest.mark.training
ROLES = Roles("id", "y")


def table_file(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_kinds(tmp_path: Path) -> None:
    """One text cell makes a column of text, in which ?, None, NA and nothing are values."""
    path = table_file(tmp_path, "id,x,c,y\n1,,1,0\n2,3,?,1\n3,4,None,1\n4,5,NA,0\n5,6,,0\n")
    schema, rows = schema_of(path, ROLES)
    assert (schema.numbers, schema.texts, rows) == (["x"], ["c"], 5)
    table = read_table(path, schema, rows)
    assert table.levels == [["1", "?", "None", "NA", ""]]
    assert np.isnan(table.numbers[0, 0])
    assert table.numbers[1:, 0].tolist() == [3, 4, 5, 6]
    assert table.label.tolist() == [0, 1, 1, 0, 0]


def test_other_part(tmp_path: Path) -> None:
    """Another part keeps the kinds: unknown texts get no code, odd numbers are missing."""
    train = table_file(tmp_path, "id,x,c,y\n1,1,a,0\n2,2,b,1\n")
    schema, rows = schema_of(train, ROLES)
    levels = read_table(train, schema, rows).levels
    valid = table_file(tmp_path, "y,c,x,id\n1,new,?,9\n0.0,b,,8\n", "v.csv")
    found = read_table(valid, schema, levels=levels)
    assert found.codes[:, 0].tolist() == [UNKNOWN, 1]
    assert np.isnan(found.numbers).all()
    assert (found.strange, found.label.tolist()) == (1, [1.0, 0.0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,x,y\n1,1,0\n2,2,\n", "line 3 column 'y': the label is empty"),
        (
            "id,x,y\n1,1,0\n2,2,1\n3,3,2\n",
            "line 4 column 'y': a third label; the two others are in lines 2 and 3",
        ),
        ("id,x,y\n1,1,1\n2,2,1\n", "only one label, '1'"),
        ("id,x,y\n", "no rows"),
        ("id,y\n1,1\n", "no column is left as an input"),
        ("id,x,z\n1,1,1\n", "no column 'y'"),
    ],
)
def test_no_task(tmp_path: Path, text: str, says: str) -> None:
    """What cannot be learned from is refused, with the place."""
    with pytest.raises(TableError) as caught:
        schema_of(table_file(tmp_path, text), ROLES)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [("01", "1"), (("no", "yes"), "yes"), (("True", "False"), "True"), (("-1", "3"), "3"),
     (("1.0", "2.0"), "2"), (("bad", "good"), "good")],
)  # fmt: skip
def test_positive(tmp_path: Path, labels: tuple[str, str], positive: str) -> None:
    """The positive label is the larger number, a yes, else the later in the alphabet."""
    path = table_file(tmp_path, f"id,x,y\n1,1,{labels[0]}\n2,2,{labels[1]}\n")
    assert schema_of(path, ROLES)[0].positive == positive


def test_groups_and_times(tmp_path: Path) -> None:
    """Group and time are read beside the inputs; a time that is none is refused with its place."""
    roles = Roles("id", "y", "g", "t")
    good = "id,g,t,x,y\n1,a,2024-01-02,1,0\n2,a,2024-01-01T12:00:00,2,1\n3,b,2024-01-03,2,1\n"
    path = table_file(tmp_path, good)
    schema, rows = schema_of(path, roles)
    table = read_table(path, schema, rows)
    assert schema.numbers == ["x"]
    assert table.groups is not None
    assert table.groups[0] == table.groups[1] != table.groups[2]
    assert table.times is not None
    assert np.argsort(table.times).tolist() == [1, 0, 2]
    with pytest.raises(TableError, match=r"line 3 column 't'") as caught:
        read_table(table_file(tmp_path, good.replace("2024-01-01T12:00:00", "soon")), schema)
    assert "soon" not in str(caught.value)


def test_a_strange_label_is_not_repeated(tmp_path: Path) -> None:
    """The error of another part names line and column, not the cell."""
    schema, _ = schema_of(table_file(tmp_path, "id,x,y\n1,1,0\n2,2,1\n"), ROLES)
    odd = table_file(tmp_path, "id,x,y\n1,1,0\n2,2,Li Lei\n", "v.csv")
    with pytest.raises(TableError, match=r"v\.csv line 3 column 'y'") as caught:
        read_table(odd, schema)
    assert "Li Lei" not in str(caught.value)


def test_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large table lies on disk and is the same table."""
    path = table_file(tmp_path, "id,x,c,y\n" + "".join(
        f"{i},{i},{'ab'[i % 2]},{i % 2}\n" for i in range(100)
    ))  # fmt: skip
    schema, rows = schema_of(path, ROLES)
    small = read_table(path, schema, rows)
    monkeypatch.setattr(reading, "LARGE_BYTES", 0)
    large = read_table(path, schema, rows)
    assert isinstance(large.numbers, np.memmap)
    assert np.array_equal(small.numbers, large.numbers)
    assert np.array_equal(small.codes, large.codes)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """Cells of several lines and empty lines are counted."""
    text = 'id,x,y\n1,"a\nb",0\n\n2,c,1\n3,c,2\n'
    with pytest.raises(TableError, match=r"line 6 column 'y'.* are in lines 3 and 5"):
        schema_of(table_file(tmp_path, text), ROLES)


def test_a_table_of_texts_alone(tmp_path: Path) -> None:
    """There need not be a column of numbers."""
    path = table_file(tmp_path, "id,x,y\n1,a,0\n2,b,1\n3,a,1\n")
    schema, rows = schema_of(path, ROLES)
    table = read_table(path, schema, rows)
    assert table.numbers.shape == (3, 0)
    assert table.codes[:, 0].tolist() == [0, 1, 0]
