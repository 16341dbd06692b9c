"""Readers of the real tables: inputs before the cut, people on one side, no label among them."""

from pathlib import Path

import pytest

from training.realdata import card, lms, phd, vle, weekly
from training.realdata.source import Task

pytestmark = [pytest.mark.training, pytest.mark.data, pytest.mark.timeout(300)]
ROWS = {
    "weekly_behaviour": (447, 105),
    "campus_card": (560, 162),
    "lms_log": (761, 172),
    "vle": (9611, 6106),
    "phd_survey": (3665, 926),
}
FORBIDDEN = {
    "FailedCsTerm06", "Term06IsFailed", "final_result", "target", "mental_health_help", "week09",
    "date_unregistration",
}  # fmt: skip


@pytest.fixture(scope="module", params=[weekly, card, lms, vle, phd], ids=lambda m: m.__name__)
def tasks(request: pytest.FixtureRequest, campus_data: Path) -> list[Task]:
    """Return the tasks of one set."""
    found: list[Task] = request.param.tasks(campus_data)
    return found


def test_rows(tasks: list[Task]) -> None:
    """The parts have as many rows as the splits give, each with the same columns."""
    for task in tasks:
        assert len({tuple(row) for row in task.rows}) == 1
        assert len({row["id"] for row in task.rows}) == len(task.rows)
    first = tasks[0]
    assert (first.parts.count("train"), first.parts.count("valid")) == ROWS[first.name]


def test_people_on_one_side(tasks: list[Task]) -> None:
    """No person is in both parts."""
    for task in tasks:
        sides: dict[object, set[str]] = {}
        for row, part in zip(task.rows, task.parts, strict=True):
            sides.setdefault(row[task.group or "id"], set()).add(part)
        assert all(len(parts) == 1 for parts in sides.values())


def test_no_label_among_inputs(tasks: list[Task]) -> None:
    """Columns that are the label, or come after it, are not there."""
    for task in tasks:
        names = set(task.rows[0])
        assert not names & FORBIDDEN
        assert not any(f"week{late:02d}" in name for name in names for late in range(9, 21))
        label = [row["y"] for row in task.rows]
        for name in names - {"y", "id"}:
            column = [row[name] for row in task.rows]
            assert (
                len({(value, y) for value, y in zip(column, label, strict=True)})
                != len(set(column))
                or len(set(column)) > len(label) / 2
            ), f"{name} tells the label"
