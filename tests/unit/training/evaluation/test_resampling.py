"""The cluster bootstrap."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import resampling
from training.evaluation.resampling import Resampler, figure, replicates_for, wilson


def test_students_are_drawn_whole() -> None:
    """All rows of a student come as often as the student is drawn."""
    student = np.array([0, 0, 1, 2, 2, 2])
    drawn = Resampler(student, 3, 1, 40).tallied(np.arange(6), 6, np.arange(6))
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 3] == drawn[:, 5]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_draws_do_not_depend_on_blocks_or_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same draws in blocks of any size, kept or drawn again."""
    student = np.arange(50) % 20
    values = np.random.default_rng(0).random((50, 2))
    kept = Resampler(student, 20, 7, 300).sums(values)
    monkeypatch.setattr(resampling, "KEPT", 0)
    monkeypatch.setattr(resampling, "CELLS", 130)
    assert (Resampler(student, 20, 7, 300).sums(values) == kept).all()
    assert (Resampler(student, 20, 8, 300).sums(values) != kept).any()


def test_sums_are_sums_of_weighted_rows() -> None:
    """Totals by student agree with weighting every row."""
    random = np.random.default_rng(5)
    student = random.integers(0, 9, 40)
    values = random.random((40, 3))
    resampler = Resampler(student, 9, 2, 60)
    expected = resampler.tallied(np.arange(40), 40, np.arange(40)) @ values
    assert resampler.sums(values) == pytest.approx(expected)


def test_an_interval_covers_what_it_should() -> None:
    """Of 200 samples the 95 % interval of a mean holds the truth about 190 times."""
    random = np.random.default_rng(11)
    inside = 0
    for trial in range(200):
        value = np.repeat(random.normal(0, 1, 60), 4) + random.normal(0, 0.3, 240)
        drawn = Resampler(np.repeat(np.arange(60), 4), 60, trial, 300).sums(
            np.c_[value, np.ones(240)]
        )
        found: Any = figure(value.mean(), drawn[:, 0] / drawn[:, 1])
        inside += found.low <= 0 <= found.high
    assert 178 <= inside <= 199


def test_rows_of_one_student_are_no_new_evidence() -> None:
    """Every row ten times over leaves the interval as it was."""
    value = np.random.default_rng(2).random(80)
    once = Resampler(np.arange(80), 80, 0, 200).sums(np.c_[value, np.ones(80)])
    tenfold = Resampler(np.repeat(np.arange(80), 10), 80, 0, 200).sums(
        np.c_[np.repeat(value, 10), np.ones(800)]
    )
    assert once[:, 0] / once[:, 1] == pytest.approx(tenfold[:, 0] / tenfold[:, 1])


def test_wilson_by_hand() -> None:
    """No miss in ten: up to 27.8 %, the textbook's figure."""
    low, high = wilson(0.0, 10)
    assert low == 0.0
    assert high == pytest.approx(0.2775, abs=1e-4)


def test_a_share_without_variation_still_has_an_interval() -> None:
    """Ten right alerts of ten are no proof of certainty."""
    found: Any = figure(1.0, np.ones(100), share_of=10)
    assert found.high == 1.0
    assert found.low == pytest.approx(0.7225, abs=1e-4)


def test_what_cannot_be_said_is_not_said() -> None:
    """No value gives no figure; a value that most draws lack has no interval."""
    assert figure(np.nan, np.ones(9)).value is None
    lonely = figure(0.3, np.array([0.3, np.nan, np.nan]))
    assert (lonely.value, lonely.low) == (0.3, None)


@given(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=2, max_size=50))
def test_an_interval_holds_its_value(value: Any, draws: Any) -> None:
    """A figure lies between its bounds, however biased its draws are."""
    found: Any = figure(value, np.array(draws))
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize(("rows", "asked", "expected"), [(10, None, 1000), (9**9, None, 200)])
def test_many_rows_are_drawn_less_often(rows: Any, asked: Any, expected: Any) -> None:
    """The work of a default run is bounded."""
    assert replicates_for(rows, asked) == expected
    assert replicates_for(rows, 30) == 30
