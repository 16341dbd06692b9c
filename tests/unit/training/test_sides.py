"""What stands in both tables: ids are refused, equal rows counted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.flat_tables import made_up

from training.settling import LeakError
from training.sides import compared, fingerprints, refuse_shared_ids
from training.table.parsing import chunks
from training.table.reading import EMPTY, Table, read_table
from training.table.schema import Roles, Schema, schema_of

pytestmark = pytest.mark.training
SCHEMA = Schema(Roles("key", "y"), ["a", "b", "c", "d"], ["colour"], "1", "0")


def named(table: Table, first: int, *, lines: bool = False) -> Table:
    return replace(table, ids=np.arange(first, first + len(table)), ids_are_lines=lines)


def rows_of(table: Table, rows: np.ndarray) -> Table:
    return replace(
        table, numbers=table.numbers[rows], codes=table.codes[rows], label=table.label[rows]
    )


def test_an_id_on_both_sides_is_refused_by_the_name_of_its_column() -> None:
    """The column, how many and the first row are told; the id itself is somebody's."""
    train, valid = named(made_up(60, 1), 1_000), named(made_up(20, 2), 1_055)
    with pytest.raises(LeakError) as caught:
        refuse_shared_ids(train, valid, SCHEMA, frozenset())
    said = str(caught.value)
    assert "'key': 5 rows of --valid (the first is row 1)" in said
    assert "--allow key" in said
    assert "1055" not in said
    assert refuse_shared_ids(train, valid, SCHEMA, {"key"}).ids_on_both_sides == 5


def test_other_ids_and_other_rows_are_no_finding() -> None:
    """Two honest tables have nothing in common."""
    found = compared(named(made_up(60, 1), 0), named(made_up(20, 2), 60))
    assert (found.ids_on_both_sides, found.equal_rows) == (0, 0)


def test_ids_that_count_the_rows_name_none_of_another_file() -> None:
    """Rows numbered anew in each file are no leak; unless the rows are copies, too."""
    train, other = named(made_up(60, 1), 0, lines=True), named(made_up(20, 2), 0, lines=True)
    assert compared(train, other).ids_on_both_sides == 0
    copied = named(rows_of(train, np.arange(20)), 0, lines=True)
    assert compared(train, copied).ids_on_both_sides == 20


def test_a_coarse_table_with_numbered_rows_is_no_copy() -> None:
    """Where one answer is given by nearly all, equal rows at equal places are chance."""
    draw = np.random.default_rng(1)
    numbers = (draw.random((300, 1)) < 0.05).astype(np.float64)
    none = np.zeros((300, 0), dtype=np.int32)
    table = named(Table(numbers, none, [], numbers[:, 0], None, None), 0, lines=True)
    other = rows_of(table, draw.permutation(300)[:100])
    found = compared(table, named(other, 0, lines=True))
    assert found.ids_on_both_sides == 0
    assert found.equal_rows == 100


@given(st.integers(1, 40), st.integers(0, 99))
def test_equal_rows_are_counted(copied: int, seed: int) -> None:
    """As many as were copied, whatever their ids and labels are; gaps are equal to gaps."""
    train, valid = made_up(50, 2 * seed), made_up(40, 2 * seed + 1)
    numbers, codes = valid.numbers.copy(), valid.codes.copy()
    chosen = np.random.default_rng(seed).integers(0, 50, copied)
    numbers[:copied], codes[:copied] = train.numbers[chosen], train.codes[chosen]
    valid = replace(valid, numbers=numbers, codes=codes)
    assert compared(named(train, 0), named(valid, 500)).equal_rows == copied


def test_what_counts_as_equal() -> None:
    """-0 is 0 and one NaN is another; a row with nothing in it is equal to nothing."""
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    numbers = np.array([[0.0, np.nan], [-0.0, other_nan], [np.nan, np.nan], [np.nan, 0.0]])
    codes = np.array([[0], [0], [EMPTY], [EMPTY]], dtype=np.int32)
    table = Table(numbers, codes, [["red"]], np.zeros(4), None, None)
    one, same, nothing, turned = fingerprints(table)
    assert one == same
    assert nothing == 0
    assert len({int(one), int(nothing), int(turned)}) == 3
    assert compared(table, table).equal_rows == 3


def test_made_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a block changes nothing."""
    table = made_up(500, 3)
    whole = fingerprints(table)
    monkeypatch.setattr("training.sides.BLOCK", 7)
    assert (fingerprints(table) == whole).all()
    assert len(np.unique(whole)) == 500


@pytest.mark.parametrize(
    ("ids", "lines"),
    [(["0", "1", "2"], True), (["1", "2", "3"], True), (["1", "3", "2"], False),
     (["01", "2", "3"], False), (["r1", "r2", "r3"], False)],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 2, 20_000])
def test_ids_that_are_lines_are_seen_by_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ids: list[str], lines: bool, piece: int
) -> None:
    """From 0 or 1 upwards without a gap, in however many pieces the file is read."""
    path = tmp_path / "t.csv"
    path.write_text("key,a,y\n" + "".join(f"{one},{n},{n % 2}\n" for n, one in enumerate(ids)))
    monkeypatch.setattr(chunks, "__defaults__", (piece,))
    table = read_table(path, *schema_of(path, Roles("key", "y")))
    assert table.ids_are_lines is lines
    assert table.ids is not None
    assert len(np.unique(table.ids)) == 3
