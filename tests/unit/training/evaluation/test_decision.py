"""Net benefit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.decision import THRESHOLDS, net_benefit, points
from training.evaluation.resampling import Resampler
from training.evaluation.sample import sample_of


def test_by_hand() -> None:
    """At 0.2 a needless talk costs a quarter: (2 - 1 * 0.25) / 5."""
    truth = np.array([1.0, 1, 0, 0, 0])
    said = np.array([0.9, 0.3, 0.2, 0.1, 0.1])
    assert net_benefit(truth, said, 0.2) == pytest.approx(1.75 / 5)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=30))
def test_never_more_than_the_prevalence(rows: Any) -> None:
    """Nobody gains more than all who are in need; alerting everybody is the reference line."""
    truth, said = (np.array(c, float) for c in zip(*rows, strict=True))
    for t in THRESHOLDS:
        assert net_benefit(truth, said, t) <= truth.mean() + 1e-12
        everybody = truth.mean() - (1 - truth.mean()) * t / (1 - t)
        assert net_benefit(truth, np.ones(len(truth)), t) == pytest.approx(everybody)


def test_the_curve_has_intervals_and_neighbours() -> None:
    """The first predictor has an interval; the others stand beside it."""
    sample = sample_of([0, 1] * 30, range(60), None)
    sure = sample.truth * 0.8
    found: Any = points(
        sample, {"network": sure, "logistic": 1 - sure}, Resampler(sample.student, 60, 0, 50)
    )
    assert [p.threshold for p in found] == list(THRESHOLDS)
    assert all(p.model.value == pytest.approx(0.5) for p in found)
    assert all(p.model.low < 0.5 < p.model.high for p in found)
    assert all(p.others["logistic"] < p.model.value for p in found)
