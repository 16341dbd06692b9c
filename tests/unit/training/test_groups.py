"""Who is of which college: a table beside the data sets, joined by the student's name."""

from pathlib import Path

import pytest

from shared.kernel.errors import ConfigError
from training.starter.groups import read_groups

ROWS = "student,college,intake\ny:2,law,2025\ny:1,arts,2024\ny:3,law,\n"


def told(folder: Path, text: str) -> Path:
    path = folder / "groups.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_row_has_its_students_groups(tmp_path: Path) -> None:
    """By the row's student, whatever the order; what nobody said is empty."""
    found = read_groups(told(tmp_path, ROWS), ["y:1", "y:2", "y:9", "y:1", "y:3"])
    assert found == {
        "college": ["arts", "law", "", "arts", "law"],
        "intake": ["2024", "2025", "", "2024", ""],
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,college\ny:1,arts\n", "has no column `student`"),
        ("student\ny:1\n", "no column beside"),
        ("student,college\n", "has no rows"),
        ("student,college\ny:1,arts\ny:1,law\n", "of a student twice"),
        ("student,college\ny:1,arts,2024\n", "more cells than columns"),
        ("student,college\nS1,arts\n", "none of the judged students"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """Without names that meet, or with two answers for one student, nothing is shown by it."""
    with pytest.raises(ConfigError, match=why):
        read_groups(told(tmp_path, text), ["y:1"])


def test_a_short_row_leaves_the_rest_unknown(tmp_path: Path) -> None:
    """A row that ends early says nothing of its last columns."""
    assert read_groups(told(tmp_path, "student,college\ny:1\n"), ["y:1"]) == {"college": [""]}
