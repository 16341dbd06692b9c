"""ROC-AUC and PR-AUC, by hand, by property and against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import ranking
from training.evaluation.ranking import areas, drawn_areas, ranking_of
from training.evaluation.resampling import Resampler

rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=40
)


def both(truth: Any, probability: Any, weights: Any = None) -> Any:
    truth, probability = np.array(truth, float), np.array(probability, float)
    ranked = ranking_of(truth, probability)
    weight = np.ones(len(truth)) if weights is None else np.array(weights, float)
    roc, average = areas(ranked, weight)
    return roc, average


def test_by_hand() -> None:
    """Of four pairs three are in order; precision is 1 at the first hit and 2/3 at the second."""
    roc, average = both([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    assert roc == pytest.approx(3 / 4)
    assert average == pytest.approx((1 + 2 / 3) / 2)


def test_ties_count_half() -> None:
    """A predictor that says the same of everybody knows nothing."""
    roc, average = both([1, 0, 0, 0], [0.5] * 4)
    assert roc == pytest.approx(0.5)
    assert average == pytest.approx(0.25)


def test_one_class_has_no_area() -> None:
    """Without both classes there is nothing to order."""
    assert np.isnan(both([0, 0], [0.1, 0.2])[0])
    assert np.isnan(both([1, 1], [0.1, 0.2])[0])


@given(rows)
def test_a_weight_is_a_repeated_row(cells: Any) -> None:
    """Weights give what the rows written out that often give."""
    truth, probability, weight = (np.array(c) for c in zip(*cells, strict=True))
    written = np.repeat(np.arange(len(truth)), weight)
    if len(np.unique(truth[written])) < 2:
        return
    expected = both(truth[written], probability[written])
    assert both(truth, probability, weight) == pytest.approx(expected)


@given(rows)
def test_reversed_order_is_the_complement(cells: Any) -> None:
    """Turning a predictor round turns its ROC-AUC round."""
    truth, probability, _ = (np.array(c) for c in zip(*cells, strict=True))
    if len(np.unique(truth)) < 2:
        return
    there, back = both(truth, probability)[0], both(truth, -probability)[0]
    assert there + back == pytest.approx(1.0)


@given(rows)
def test_agrees_with_scikit_learn(cells: Any) -> None:
    """Both areas are scikit-learn's, ties and weights included."""
    metrics = pytest.importorskip("sklearn.metrics")
    truth, probability, weight = (np.array(c) for c in zip(*cells, strict=True))
    if len(np.unique(truth[weight > 0])) < 2:
        return
    roc, average = both(truth, probability, weight)
    assert roc == pytest.approx(metrics.roc_auc_score(truth, probability, sample_weight=weight))
    expected = metrics.average_precision_score(truth, probability, sample_weight=weight)
    assert average == pytest.approx(expected)


@pytest.mark.parametrize("steps", [3, 40, 4096])
def test_steps_hardly_change_a_draw(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Draws over a few steps are those over all probabilities, but for a known error."""
    random = np.random.default_rng(0)
    said = random.random(600)
    truth = (random.random(600) < said).astype(float)
    resampler = Resampler(np.arange(600), 600, 0, 80)
    monkeypatch.setattr(ranking, "STEPS", 10**6)
    exact = drawn_areas(truth, said, resampler, np.arange(600))
    monkeypatch.setattr(ranking, "STEPS", steps)
    found = drawn_areas(truth, said, resampler, np.arange(600))
    assert (found[0] == exact[0]).all()
    assert np.abs(found - exact).max() < {3: 0.05, 40: 0.005, 4096: 1e-12}[steps]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 20))
def test_steps_keep_order_and_equals_together(said: Any, most: int) -> None:
    """There are no more steps than asked for, in order, and none parts equal probabilities."""
    array = np.array(said, float)
    found = ranking_of(np.zeros(len(array)), array, most)
    step = found.cell // 2
    assert found.steps <= most
    assert (np.diff(step[np.argsort(-array, kind="stable")]) >= 0).all()
    assert len(set(zip(said, step.tolist(), strict=True))) == len(set(said))
