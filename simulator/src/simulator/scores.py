"""A plain logistic regression and the area under the ROC curve: enough to test a simulator."""

from dataclasses import dataclass

import numpy as np

from simulator.randomness import generator, sigmoid
from simulator.table import Bools, Floats

_STEPS = 12
_FOLDS = 5


@dataclass(frozen=True)
class Logistic:
    """Weights on standardised inputs; the last one is the intercept."""

    mean: Floats
    sd: Floats
    weights: Floats

    def score(self, x: Floats) -> Floats:
        """Return logits."""
        out: Floats = _with_one((x - self.mean) / self.sd) @ self.weights
        return out


def fit(x: Floats, y: Bools, *, ridge: float = 3.0) -> Logistic:
    """Fit by Newton's method with an L2 penalty on standardised columns."""
    mean, sd = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = _with_one((x - mean) / sd)
    penalty = np.diag(np.r_[np.full(x.shape[1], ridge), 1e-6])
    weights = np.zeros(z.shape[1])
    for _ in range(_STEPS):
        p = sigmoid(np.clip(z @ weights, -30, 30))
        gradient = z.T @ (p - y) + penalty @ weights
        hessian = (z * (p * (1 - p))[:, None]).T @ z + penalty
        weights = weights - np.linalg.solve(hessian, gradient)
    return Logistic(mean, sd, weights)


def auc(score: Floats, positive: Bools) -> float:
    """Return the probability that a positive scores above a negative; ties count half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    ones = int(positive.sum())
    zeros = len(positive) - ones
    return float((rank[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def cross_validated_auc(x: Floats, y: Bools, *, seed: int = 0) -> float:
    """Return the AUC of out-of-fold scores of five folds, each fold's logits ranked within it."""
    fold = generator(seed, "folds").permutation(len(y)) % _FOLDS
    parts = []
    for number in range(_FOLDS):
        out = fold == number
        model = fit(x[~out], y[~out])
        parts.append(auc(model.score(x[out]), y[out]))
    return float(np.mean(parts))


def _with_one(x: Floats) -> Floats:
    out: Floats = np.hstack([x, np.ones((len(x), 1))])
    return out
