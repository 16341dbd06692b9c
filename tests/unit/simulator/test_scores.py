"""The plain model that judges the simulator."""

import numpy as np
import pytest

from simulator.likeness import distinguishability, profile
from simulator.scores import auc, cross_validated_auc, fit


def test_auc_counts_pairs() -> None:
    """AUC is the share of pairs in the right order; ties count half."""
    assert auc(np.array([1.0, 2, 3, 4]), np.array([False, False, True, True])) == 1.0
    assert auc(np.array([1.0, 1, 1, 1]), np.array([False, True, False, True])) == 0.5
    assert auc(np.array([4.0, 3, 2, 1]), np.array([False, False, True, True])) == 0.0


def test_the_model_finds_what_is_there_and_nothing_else() -> None:
    """A known shift gives its known AUC, noise gives one half."""
    rng = np.random.default_rng(3)
    y = np.arange(4000) % 2 == 0
    noise = rng.standard_normal((4000, 4))
    assert cross_validated_auc(noise, y) == pytest.approx(0.5, abs=0.04)
    noise[:, 0] += y
    assert cross_validated_auc(noise, y) == pytest.approx(0.76, abs=0.03)
    assert fit(noise, y).weights[0] > 0.5


def test_copies_cannot_be_told_apart() -> None:
    """Two samples of one population are alike, two populations are not."""
    rng = np.random.default_rng(4)
    daily = rng.poisson(2.0, (600, 70)).astype(np.float64)
    hours = (rng.poisson(3.0, (600, 24)) + 0.1).astype(np.float64)
    rows = profile(daily, hours)
    assert distinguishability(rows[:300], rows[300:]) == pytest.approx(0.5, abs=0.08)
    assert distinguishability(rows[:300], profile(daily[300:] * 2, hours[300:])) > 0.9
