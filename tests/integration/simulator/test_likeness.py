"""Generated against real: read in place, never copied, skipped where it is absent."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from simulator import CampusConfig, simulate
from simulator.calibration import Figure, figures, tallied
from simulator.likeness import distinguishability, profile
from simulator.table import Floats
from simulator.tally import Tally

TERM_DAYS = 133
STARTS = {1: date(2012, 9, 3), 2: date(2013, 2, 25)}
ALIKE = 0.7


@pytest.fixture(scope="module")
def term() -> Tally:
    """Twenty weeks of 1,500 students, up to the exams."""
    return tallied(simulate(CampusConfig(students=1500, days=140, end_week=20, seed=3)), 140)


@pytest.fixture(scope="module")
def long_run() -> dict[str, Figure]:
    """Sixty weeks of 600 students, as long as the real terms behind the figures."""
    config = CampusConfig(students=600, days=420, end_week=20, seed=4)
    return {figure.name: figure for figure in figures(tallied(simulate(config), 420))}


def test_figures_are_those_of_real_campuses(long_run: dict[str, Figure]) -> None:
    """Rates, spreads, silence, meals and nights lie in the ranges measured on real campuses."""
    missed = {f.name: round(f.value, 3) for f in long_run.values() if not f.is_met}
    assert not missed


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "source",
    [("消费.txt", (3, 4), "card"), ("图书馆门禁.txt", (2, 3), "library")],
)
def test_students_are_hard_to_tell_from_real_ones(
    campus_data: Path, term: Tally, source: tuple[str, tuple[int, int], str], seed: int
) -> None:
    """A logistic two-sample classifier on per-student profiles stays below AUC 0.7."""
    file, columns, stream = source
    path = campus_data / "campus_card" / "测试" / file
    real = np.vstack([profile(*read_term(path, number, columns)) for number in STARTS])
    made = profile(term.counts[stream][:, :TERM_DAYS], term.hours[stream])
    found = distinguishability(real, made, seed=seed)
    print(f"{stream}: AUC {found:.3f} of {len(real)} real and {len(made)} made")  # noqa: T201 - the figure itself
    assert found < ALIKE


@pytest.mark.parametrize(
    ("file", "mean"),
    [
        ("DormitoryTime.csv", lambda tally: tally.counts["dorm"]),
        ("LibraryTime.csv", lambda tally: tally.counts["library"]),
    ],
)
def test_weekly_spread_is_like_another_university(
    campus_data: Path, term: Tally, file: str, mean: Callable[[Tally], Floats]
) -> None:
    """Weekly totals of a second university have a mean and spread of the same order."""
    rows = (campus_data / "weekly_behaviour" / file).read_text("utf-8-sig").splitlines()[1:]
    real = np.array([[float(cell or 0) for cell in row.split(",")[1:21]] for row in rows])
    made = mean(term) * 7
    assert 0.4 < made.mean() / real.mean() < 1.6
    ratio = (made.mean(axis=1).std() / made.mean()) / (real.mean(axis=1).std() / real.mean())
    assert 0.5 < ratio < 2.0


def read_term(path: Path, term: int, columns: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return (students x days) and (students x hours) counts of one term."""
    daily: dict[str, Floats] = {}
    hours: dict[str, Floats] = {}
    for line in path.read_text("utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if int(cells[0]) != term:
            continue
        month, day = int(cells[columns[0]][:2]), int(cells[columns[0]][2:4])
        start = STARTS[term]
        year = start.year + (term == 1 and month < 8)
        index = (date(year, month, day) - start).days
        if 0 <= index < TERM_DAYS:
            daily.setdefault(cells[1], np.zeros(TERM_DAYS))[index] += 1
            hours.setdefault(cells[1], np.zeros(24))[int(cells[columns[1]].zfill(6)[:2])] += 1
    return np.array([daily[key] for key in daily]), np.array([hours[key] for key in daily])
