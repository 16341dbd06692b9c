"""Students whose state worsens and recovers."""

from pathlib import Path

import numpy as np
import pytest

from simulator import CampusConfig, Simulation
from simulator.health import (
    CHANNELS,
    RAMP_DAYS,
    RECOVERING,
    UNWELL,
    WELL,
    WORSENING,
    Episodes,
    Health,
    severity_on,
)
from simulator.separability import separability
from simulator.truth import HEADER, write_truth


@pytest.fixture(scope="module")
def health() -> Health:
    """Return the health of 5,000 students."""
    vulnerability = np.random.default_rng(8).standard_normal(5000)
    return Health(CampusConfig(students=5000), vulnerability)


def test_a_state_worsens_peaks_and_recovers(health: Health) -> None:
    """States follow each other in one order, with the label 2 to 6 weeks after the onset."""
    states = np.array([health.day(day).state for day in range(-120, 200)])
    steps = set(zip(states[:-1].ravel().tolist(), states[1:].ravel().tolist(), strict=True))
    assert {
        (WELL, WORSENING),
        (WORSENING, UNWELL),
        (UNWELL, RECOVERING),
        (RECOVERING, WELL),
    } < steps
    assert (UNWELL, WELL) not in steps
    assert (WELL, UNWELL) not in steps
    today = health.day(40)
    ill = today.state != WELL
    lead = (today.label_day - today.onset)[ill]
    assert lead.min() >= 14
    assert lead.max() <= 42
    assert (today.onset[~ill] == -1).all()


def test_signs_are_weak_few_and_not_everybodys(health: Health) -> None:
    """Two or three channels move by about 0.3; a third of the ill show none, some healthy do."""
    block = health._block(0)
    shown = (block.shift != 0).any(axis=1)
    assert set((block.shift[shown] != 0).sum(axis=1).tolist()) == {2, 3}
    moved = block.shift[block.shift != 0]
    assert moved.mean() == pytest.approx(0.3, abs=0.03)
    assert moved.std() == pytest.approx(0.2, abs=0.03)
    assert (~shown[block.real]).mean() == pytest.approx(0.3, abs=0.05)
    assert shown[~block.real].mean() == pytest.approx(0.1, abs=0.02)
    assert block.real.mean() == pytest.approx(0.15, abs=0.02)


def test_severity_grows_holds_and_falls() -> None:
    """Severity climbs over two weeks, stays, and is gone two weeks after recovery begins."""
    one = np.array([10])
    episode = Episodes(one, one + 20, one + 40, one > 0, np.ones((1, CHANNELS)))
    course = np.array([severity_on(episode, day)[0] for day in range(70)])
    assert (course[:10] == 0).all()
    assert (np.diff(course[10 : 10 + RAMP_DAYS]) > 0).all()
    assert (course[10 + RAMP_DAYS : 50] == 1).all()
    assert (course[50 + RAMP_DAYS :] == 0).all()


def test_truth_is_a_file_of_its_own(simulation: Simulation, tmp_path: Path) -> None:
    """One row a student and day, with the label on exactly the days of need."""
    rows = write_truth(simulation, tmp_path / "truth.csv")
    lines = (tmp_path / "truth.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    assert rows == len(lines) - 1 == 120 * 21
    for line in lines[1:]:
        _, _, state, onset, worst, label, _ = line.split(",")
        assert (label == "1") == (state in {"worsening", "unwell"})
        assert (onset == "") == (worst == "") == (state == "well")


def test_behaviour_separates_weakly() -> None:
    """A plain model tells the students at risk about as badly as on a real campus."""
    found = separability(CampusConfig(students=4000, teams=80, seed=1))
    assert 0.60 <= found.behaviour <= 0.75
    assert found.behaviour - 0.01 <= found.with_grades <= 0.80
