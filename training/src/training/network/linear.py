"""Logistic regression with a ridge penalty: Newton's method along a path of penalties."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PENALTIES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3)
_STEPS = 25
_BLOCK = 16_384  # rows, so that no copy of a whole table is made
_TOLERANCE, _SEARCH_TOLERANCE = 1e-10, 1e-6
_FREE = 1e-8  # the intercept's penalty


@dataclass(frozen=True)
class Linear:
    """Weights and intercept."""

    weights: Array
    intercept: float

    def logits(self, inputs: Array) -> Array:
        result: Array = inputs @ self.weights + self.intercept
        return result


def ridge(
    inputs: Array,
    target: Array,
    row_weight: Array,
    *,
    penalty: float,
    start: Linear | None = None,
    tolerance: float = _TOLERANCE,
) -> Linear:
    """Minimise the weighted log-loss plus `penalty / 2 * |weights|^2`; targets may be soft."""
    design = np.hstack([inputs, np.ones((len(inputs), 1))])
    if start is None:
        share = np.clip(np.average(target, weights=row_weight), 1e-6, 1 - 1e-6)
        w = np.r_[np.zeros(inputs.shape[1]), np.log(share / (1 - share))]
    else:
        w = np.r_[start.weights, start.intercept]
    pull = np.r_[np.full(inputs.shape[1], penalty), _FREE]
    loss = _objective(design, target, row_weight, pull, w)
    for _ in range(_STEPS):
        p = _sigmoid(design @ w)
        slope = design.T @ (row_weight * (p - target)) + pull * w
        curve = np.maximum(row_weight * p * (1.0 - p), 1e-10)
        bend = _crossed(design, curve)
        bend[np.diag_indices_from(bend)] += pull
        step = np.linalg.solve(bend, slope)
        w, new = _shorten(design, target, row_weight, pull, w, step, loss)
        if loss - new < tolerance * max(1.0, abs(loss)):
            break
        loss = new
    return Linear(w[:-1], float(w[-1]))


def _crossed(design: Array, weight: Array) -> Array:
    """Return `design^T diag(weight) design`, a block of rows at a time."""
    total = np.zeros((design.shape[1], design.shape[1]))
    for start in range(0, len(design), _BLOCK):
        rows = slice(start, start + _BLOCK)
        total += (design[rows] * weight[rows, None]).T @ design[rows]
    return total


def _shorten(  # noqa: PLR0917 - one private use
    design: Array,
    target: Array,
    row_weight: Array,
    pull: Array,
    w: Array,
    step: Array,
    loss: float,
) -> tuple[Array, float]:
    """Halve the step until the objective falls."""
    for _ in range(20):
        new = _objective(design, target, row_weight, pull, w - step)
        if new <= loss:
            return w - step, new
        step = step / 2
    return w, loss


def _objective(design: Array, target: Array, row_weight: Array, pull: Array, w: Array) -> float:  # noqa: PLR0917 - one private use
    z = design @ w
    return float(
        np.sum(row_weight * (np.logaddexp(0.0, z) - target * z)) + 0.5 * np.sum(pull * w * w)
    )


def path(
    inputs: Array, target: Array, row_weight: Array, penalties: tuple[float, ...] = PENALTIES
) -> list[Linear]:
    """Return the regressions of falling penalties, each started at the one before."""
    found: list[Linear] = []
    for penalty in penalties:
        found.append(
            ridge(
                inputs,
                target,
                row_weight,
                penalty=penalty,
                start=found[-1] if found else None,
                tolerance=_SEARCH_TOLERANCE,
            )
        )
    return found


def row_loss(logit: Array, target: Array) -> Array:
    """Return the log-loss of each row."""
    result: Array = np.logaddexp(0.0, logit) - target * logit
    return result


def _sigmoid(z: Array) -> Array:
    result: Array = 0.5 * (1.0 + np.tanh(0.5 * z))
    return result
