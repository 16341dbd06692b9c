"""What counts as missing in the judged part is what an empty cell is in its file."""

from pathlib import Path

import numpy as np
import pytest

from training.judging import missing
from training.table.reading import read_table
from training.table.schema import Roles, schema_of

pytestmark = pytest.mark.training


@pytest.mark.parametrize("learned", ["red", ""])
def test_empty_cells_are_missing(tmp_path: Path, learned: str) -> None:
    """Numbers and texts, whether training had empty texts or not; a new text is there."""
    train, valid = tmp_path / "train.csv", tmp_path / "valid.csv"
    train.write_text(f"id,a,colour,y\nr1,1,blue,1\nr2,2,{learned},0\n")
    valid.write_text("id,a,colour,y\ns1,,blue,1\ns2,3,,0\ns3,4,mauve,1\n")
    schema, rows = schema_of(train, Roles("id", "y"))
    levels = read_table(train, schema, rows).levels
    table = read_table(valid, schema, levels=levels)
    gone = np.isnan(missing(table.numbers, table.codes, table.levels))
    assert gone.tolist() == [[True, False], [False, True], [False, False]]
