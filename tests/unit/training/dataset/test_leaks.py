"""The check against leaks: each planted leak is found and named, an honest table passes."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.dataset.__main__ import main
from training.dataset.leaks import Columns, Finding, check, refused

Cells = dict[str, list[str]]
COLUMNS = Columns(id="id", label="y", group="student", time="time", label_time="label_time")


def honest(seed: int = 1, rows: int = 200, start: int = 0) -> Cells:
    """Return weekly rows of students of this side only, with two weak inputs."""
    draw = random.Random(seed)  # noqa: S311 - a test
    table: Cells = {name: [] for name in ("id", "student", "time", "label_time", "y", "a", "b")}
    for row in range(start, start + rows):
        label = draw.random() < 0.3
        week = row % 4
        table["id"].append(f"r{row}")
        table["student"].append(f"s{row // 4}")
        table["time"].append(f"2026-09-{1 + 7 * week:02}T20:00:00Z")
        table["label_time"].append(f"2026-09-{2 + 7 * week:02}T20:00:00Z")
        table["y"].append(str(int(label)))
        table["a"].append(f"{draw.gauss(0.3 * label, 1):.4f}")
        table["b"].append("" if draw.random() < 0.2 else f"{draw.gauss(0, 3):.4f}")
    return table


def rules(findings: list[Finding]) -> set[str]:
    return {one.rule for one in findings}


@given(st.integers(0, 10_000))
def test_an_honest_split_passes(seed: int) -> None:
    """Noise is never called a leak."""
    parts = {"train": honest(seed), "valid": honest(seed + 1, start=1000)}
    assert check(parts, COLUMNS) == []


@given(st.integers(0, 10_000), st.integers(0, 199))
def test_any_student_on_two_sides_is_named(seed: int, row: int) -> None:
    """One shared student is enough, whichever it is."""
    train, valid = honest(seed), honest(seed + 1, start=1000)
    valid["student"][row] = train["student"][row]
    [found] = refused(check({"train": train, "valid": valid}, COLUMNS))
    assert (found.rule, found.rows) == ("on_two_sides", (train["student"][row],))


@given(st.integers(0, 10_000), st.integers(0, 199), st.integers(1, 10_000_000))
def test_any_evidence_after_its_label_is_named(seed: int, row: int, seconds: int) -> None:
    """However little later, however far down the table."""
    table = honest(seed)
    table["label_time"][row] = table["time"][row]
    assert not refused(check({"train": table}, COLUMNS))
    late = 1 + seconds % 59
    table["time"][row] = table["time"][row].replace("00Z", f"{late:02}Z")
    [found] = refused(check({"train": table}, COLUMNS))
    assert (found.rule, found.columns, found.rows) == ("after_label", ("time",), (f"r{row}",))


def test_a_column_of_later_dates_is_named() -> None:
    """Not only the role `time`: any column of times is looked at."""
    table = honest()
    table["seen_by_counsellor"] = ["2026-12-01" if y == "1" else "" for y in table["y"]]
    found = check({"train": table}, COLUMNS)
    assert ("after_label", ("seen_by_counsellor",)) in [(f.rule, f.columns) for f in found]


@given(st.integers(0, 10_000), st.integers(0, 199))
def test_any_duplicate_is_named(seed: int, row: int) -> None:
    """The same id and time twice, and the same row under another id."""
    again = honest(seed)
    for cells in again.values():
        cells.append(cells[row])
    found = refused(check({"train": again}, COLUMNS))
    assert all(one.rule == "duplicate_rows" for one in found)
    assert {one.rows for one in found} == {(f"r{row}",)}
    renamed = {name: [*cells] for name, cells in again.items()}
    renamed["id"][-1] = "other"
    [one] = refused(check({"train": renamed}, COLUMNS))
    assert (one.rule, one.rows) == ("duplicate_rows", ("other",))


def test_equal_answers_of_different_people_are_no_leak() -> None:
    """A short questionnaire repeats itself by chance: that is reported with the expected number."""
    draw = random.Random(3)  # noqa: S311 - a test
    table = {
        "id": [str(n) for n in range(300)],
        "y": [str(draw.randrange(2)) for _ in range(300)],
        "answer": [draw.choice("abc") for _ in range(300)],
    }
    [found] = check({"train": table}, Columns(id="id", label="y"))
    assert (found.rule, found.severity) == ("duplicate_rows", "reported")
    assert "by chance" in found.detail


@pytest.mark.parametrize(
    ("label", "scale", "column", "is_item"),
    [
        ("phq9_high", None, "PHQ-9 item 3", True),
        ("phq9_high", None, "phq9_total", True),
        ("y", "phq9", "phq_9_q1", True),
        ("y", "PHQ-9", "gad7_total", False),
        ("y", "our own scale", "Our-own-scale_4", True),
        ("phq9_high", None, "sleep_gap_hours", False),
        ("y", None, "phq9_total", False),
    ],
)
def test_items_of_the_labels_scale(
    label: str, scale: str | None, column: str, *, is_item: bool
) -> None:
    """Written any way, said by the caller or seen in the label's name; other scales are inputs."""
    table = honest()
    table[label] = table.pop("y")
    table[column] = [f"{n * 0.618 % 1:.4f}" for n in range(200)]
    found = check({"train": table}, Columns(id="id", label=label, group="student", scale=scale))
    assert ("item_of_label_scale" in rules(found)) is is_item


def test_a_column_that_is_the_label_is_refused_and_a_nearly_perfect_one_reported() -> None:
    """Numbers, texts and gaps alike; a caller may allow one."""
    table = honest()
    table["copy"] = ["7.5" if y == "1" else f"{n % 7}" for n, y in enumerate(table["y"])]
    table["word"] = ["case" if y == "1" else "well" for y in table["y"]]
    table["gap"] = ["" if y == "1" else "3" for y in table["y"]]
    nearly = [*table["y"]]
    nearly[0] = "1" if nearly[0] == "0" else "0"
    table["nearly"] = nearly
    found = {one.columns[0]: one for one in check({"train": table}, COLUMNS)}
    assert {name: one.severity for name, one in found.items()} == {
        "copy": "refused", "word": "refused", "gap": "refused", "nearly": "reported",
    }  # fmt: skip
    allowed = Columns(
        id="id", label="y", group="student", time="time",
        allowed=frozenset({"copy", "word", "gap"}),
    )  # fmt: skip
    assert not refused(check({"train": table}, allowed))


def _standardised(values: list[float]) -> list[str]:
    mean = sum(values) / len(values)
    deviation = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
    return [repr((v - mean) / deviation) for v in values]


@given(st.integers(0, 1_000))
def test_figures_of_the_whole_cohort_are_refused(seed: int) -> None:
    """A z-score or a rank over the file needed the rows that are to be predicted."""
    table = honest(seed)
    numbers = [float(cell) for cell in table["a"]]
    order = sorted(range(len(numbers)), key=lambda n: (numbers[n], n))
    ranks = {row: place for place, row in enumerate(order)}
    table["z"] = _standardised(numbers)
    table["rank"] = [repr((ranks[n] + 0.5) / len(numbers)) for n in range(len(numbers))]
    found = refused(check({"train": table}, COLUMNS))
    assert {name for one in found for name in one.columns} == {"z", "rank"}
    assert rules(found) == {"whole_cohort"}


def test_what_everybody_shares_at_a_time_is_reported() -> None:
    """A term's mean looks like a calendar flag: a person has to say which it is."""
    table = honest()
    table["mean_of_all"] = [str(len(time) + int(time[8:10])) for time in table["time"]]
    [found] = check({"train": table}, COLUMNS)
    assert (found.severity, found.columns) == ("reported", ("mean_of_all",))


@given(st.integers(0, 1_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed: int, order: random.Random) -> None:
    """The same rows lead to the same findings, but for which of two equal rows is named."""
    table = honest(seed)
    table["copy"] = table["y"]
    places = list(range(200))
    order.shuffle(places)
    shuffled: Mapping[str, list[str]] = {
        name: [cells[place] for place in places] for name, cells in table.items()
    }
    assert check({"train": shuffled}, COLUMNS) == check({"train": table}, COLUMNS)


def test_ids_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads which rule, which columns and how many rows, not whose."""
    table = tmp_path / "train.csv"
    table.write_text("id,x,y\nLi Lei,1,0\nLi Lei,2,1\n")
    assert main(["check", "--table", str(table), "--id", "id", "--label", "y"]) == 3
    said = capsys.readouterr()
    assert "duplicate_rows in train (1 rows)" in said.err
    assert "Li Lei" not in said.err + said.out
