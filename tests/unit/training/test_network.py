"""The linear path, the members and the temperature."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from training.network.linear import path, ridge, row_loss
from training.network.members import Members, Shape
from training.network.temperature import shift_of, temperature_of
from training.network.training import Examples, Schedule, Watched, train
from training.network.weights import Weights, logits

pytestmark = pytest.mark.training
RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 5))
Y = (RNG.random(400) < 1 / (1 + np.exp(-(X[:, 0] - 4 * np.abs(X[:, 1]) + 3)))).astype(np.float64)


@pytest.mark.parametrize("penalty", [0.1, 10.0, 1000.0])
def test_ridge_against_sklearn(penalty: float) -> None:
    """Newton's method finds the minimum that scikit-learn finds."""
    own = ridge(X, Y, np.ones(400), penalty=penalty)
    other = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000).fit(X, Y)
    assert own.weights == pytest.approx(other.coef_[0], abs=1e-5)
    assert own.intercept == pytest.approx(other.intercept_[0], abs=1e-5)


def test_path_shrinks_less() -> None:
    """Weights grow as the penalty falls; rows that part the labels perfectly are no trouble."""
    norms = [
        np.linalg.norm(one.weights) for one in path(X, (X[:, 0] > 0).astype(float), np.ones(400))
    ]
    assert norms == sorted(norms)
    assert np.isfinite(norms).all()


def picked(*arrays: Any) -> Any:
    """Return the rows named last of the arrays before."""
    return tuple(array[arrays[-1]] for array in arrays[:-1])


def bag(members: int = 2, second: int = 0) -> tuple[Members, Examples, Watched]:
    skip = np.tile(ridge(X, Y, np.ones(400), penalty=10).weights, (members, 1))
    net = Members(Shape(8, second, "tanh", 0.1), skip, np.zeros(members), 3)
    weight = np.ones((400, members))
    weight[300:] = 0
    examples = Examples(
        400, lambda rows: (X[rows], np.repeat(Y[rows, None], members, 1), weight[rows])
    )
    return net, examples, Watched(lambda rows: X[300:][rows], Y[300:], np.ones((100, members)))


def test_starts_linear() -> None:
    """Before training the network is its linear path, with one layer or two."""
    for second in (0, 4):
        net, _, watched = bag(second=second)
        nothing = Examples(1, lambda _: (X[:1], np.ones((1, 2)), np.zeros((1, 2))))
        outcome = train(net, nothing, watched, Schedule(passes=1, rate=0.0))
        linear = ridge(X, Y, np.ones(400), penalty=10).weights
        assert outcome.logits == pytest.approx(X[300:] @ linear, abs=1e-5)


def test_learns_and_repeats() -> None:
    """The hidden part lowers the watched loss, twice to the same bit; numpy agrees with torch."""
    found = []
    for _ in range(2):
        net, examples, watched = bag()
        found.append(
            train(net, examples, watched, Schedule(rate=0.02, decay=0.01, batch=64, passes=20))
        )
    first, again = found
    assert first.curve[first.best] < first.curve[0] - 0.02
    assert first.curve == again.curve
    assert all(np.array_equal(first.parameters[n], again.parameters[n]) for n in first.parameters)
    own = first.parameters
    weights = Weights("tanh", own["first"], own["first_bias"], None, None, own["output"],
                      own["skip"].mean(axis=0), float(own["intercept"].mean()))  # fmt: skip
    assert logits(weights, X[300:]) == pytest.approx(first.logits, abs=1e-4)


def test_weightless_rows_teach_nothing() -> None:
    """A row without weight has no influence on a member."""
    results = []
    for flip in (False, True):
        net, _, watched = bag()
        label = np.where(np.arange(400) >= 300, 1 - Y, Y) if flip else Y
        weight = np.ones((400, 2))
        weight[300:] = 0
        target = np.repeat(label[:, None], 2, axis=1)
        examples = Examples(400, partial(picked, X, target, weight))
        results.append(train(net, examples, watched, Schedule(passes=2)).parameters["first"])
    assert np.array_equal(results[0], results[1])


@pytest.mark.parametrize("loss", ["log", "weighted", "focal"])
def test_losses(loss: str) -> None:
    """Each loss can be trained with."""
    net, examples, watched = bag()
    outcome = train(net, examples, watched, Schedule(passes=3, loss=loss))  # type: ignore[arg-type]
    assert np.isfinite(outcome.curve).all()


@given(st.floats(0.3, 4.0))
def test_temperature(truth: float) -> None:
    """A logit that is too large by a factor is divided by it, and never made worse."""
    rng = np.random.default_rng(5)
    logit = rng.normal(size=4000) * 2
    label = (rng.random(4000) < 1 / (1 + np.exp(-logit))).astype(np.float64)
    found = temperature_of(logit * truth, label)
    assert found == pytest.approx(truth, rel=0.15)
    assert row_loss(logit * truth / found, label).mean() <= row_loss(logit * truth, label).mean()


def test_shift() -> None:
    """The shift brings the mean probability to the share of positives."""
    logit = RNG.normal(size=1000) + 2
    label = np.r_[np.ones(100), np.zeros(900)]
    moved = 1 / (1 + np.exp(-(logit + shift_of(logit, label))))
    assert moved.mean() == pytest.approx(0.1, abs=1e-5)


def test_default_type() -> None:
    """Tests leave torch as they found it."""
    assert torch.get_default_dtype() == torch.float32
