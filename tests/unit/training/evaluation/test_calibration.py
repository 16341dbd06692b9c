"""Brier score, log-loss, ECE and the calibration curve."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.calibration import (
    binned,
    bins_of,
    curve,
    expected_error,
    squared_error,
    surprise,
)
from training.evaluation.resampling import Resampler
from training.evaluation.sample import sample_of

TRUTH = np.array([1.0, 0.0, 0.0, 1.0])
SAID = np.array([0.8, 0.4, 0.1, 0.5])


def ece(truth: Any, said: Any) -> Any:
    laid = binned(np.array(truth, float), np.array(said, float))
    return expected_error(laid.columns.sum(axis=0)[None], laid.bins)[0]


def test_brier_by_hand() -> None:
    """The mean of 0.04, 0.16, 0.01 and 0.25."""
    assert squared_error(TRUTH, SAID).mean() == pytest.approx(0.115)


def test_log_loss_by_hand() -> None:
    """Minus the mean log of what was given to what came."""
    expected = -(math.log(0.8) + math.log(0.6) + math.log(0.9) + math.log(0.5)) / 4
    assert surprise(TRUTH, SAID).mean() == pytest.approx(expected)


def test_certainty_that_fails_costs_much_but_not_everything() -> None:
    """A probability of 0 for what came is finite."""
    assert np.isfinite(surprise(np.array([1.0]), np.array([0.0]))).all()


def test_ece_by_hand() -> None:
    """Ten rows said 0.2 with three hits, ten said 0.6 with five: (1 + 1) / 20."""
    truth = [1] * 3 + [0] * 7 + [1] * 5 + [0] * 5
    assert ece(truth, [0.2] * 10 + [0.6] * 10) == pytest.approx(0.1)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_ece_is_a_distance(rows: Any) -> None:
    """ECE is in 0..1, and never below what calibration in the large alone says."""
    truth, said = (np.array(c, float) for c in zip(*rows, strict=True))
    found = ece(truth, said)
    assert abs(truth.mean() - said.mean()) - 1e-9 <= found <= 1 + 1e-9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80))
def test_bins_keep_order_and_equals_together(said: Any) -> None:
    """A higher probability is never in a lower bin, and equal ones are in the same."""
    array = np.array(said)
    place = bins_of(array)
    order = np.argsort(array, kind="stable")
    assert (np.diff(place[order]) >= 0).all()
    assert len({(p, b) for p, b in zip(said, place.tolist(), strict=True)}) == len(set(said))


def test_agrees_with_scikit_learn() -> None:
    """Brier, log-loss and the curve over equal bins are scikit-learn's."""
    metrics = pytest.importorskip("sklearn.metrics")
    calibration = pytest.importorskip("sklearn.calibration")
    random = np.random.default_rng(3)
    said = random.random(1000)
    truth = (random.random(1000) < said**2).astype(float)
    assert squared_error(truth, said).mean() == pytest.approx(metrics.brier_score_loss(truth, said))
    assert surprise(truth, said).mean() == pytest.approx(metrics.log_loss(truth, said))
    came, expected = calibration.calibration_curve(truth, said, n_bins=10, strategy="quantile")
    sample = sample_of(truth, range(1000), None)
    found = curve(sample, said, Resampler(sample.student, 1000, 0, 50))
    assert [b.said for b in found] == pytest.approx(expected, abs=2e-3)
    assert [b.came.value for b in found] == pytest.approx(came, abs=2e-2)


def test_few_students_are_not_shown() -> None:
    """A bin of fewer than ten students says only how many rows it has."""
    sample = sample_of([0, 1] * 20, [1, 2] * 20, None)
    found = curve(sample, np.full(40, 0.5), Resampler(sample.student, 2, 0, 50))
    assert found[0].came.value is None
    assert found[0].rows == 40
