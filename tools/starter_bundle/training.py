"""A BP network trained with numpy: one sigmoid layer beside a linear path, early stopping.

The linear path starts from the logistic regression (Newton's method, ridge), the hidden layer from
an output of nothing; back-propagation moves both, and what is kept is where the loss on the watched
students was least, which may be the start. Everything is float64 and full-batch with a fixed seed;
parameters are rounded at the end, so that a rebuild on the same kind of machine gives the same
file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tools.starter_bundle.graph import Network, inputs_of

Array = NDArray[Any]
HIDDEN = 16
STEPS = 240
PATIENCE = 40
RATE = 0.003
DECAY = 0.05
RIDGE = 100.0
NEWTON_STEPS = 12
DIGITS = 4
_SPAN = 3.29  # the 5-95 % span of a normal variable in standard deviations
_LEAST_SCALE = 0.02


@dataclass(frozen=True)
class Examples:
    """Inputs with NaN for missing, and labels."""

    values: Array
    usual: Array
    label: Array


def scaled(values: Array, usual: Array) -> Network:
    """Return an untrained network that knows the medians and spans of its inputs."""
    size = values.shape[1]
    center = np.nan_to_num(_quantile(values, 0.5))
    inputs = 3 * size
    return Network(
        center=np.round(center, DIGITS),
        scale=_span(values),
        spread=_span(values - usual),
        hidden=np.zeros((HIDDEN, inputs)),
        bias=np.zeros(HIDDEN),
        output=np.zeros(HIDDEN),
        skip=np.zeros(inputs),
        intercept=0.0,
        temperature=1.0,
    )


def train(fit: Examples, watch: Examples, *, seed: int, hidden: bool = True) -> Network:
    """Train on `fit`, stop where the loss on `watch` is least; without `hidden`, logistic."""
    start = scaled(fit.values, fit.usual)
    rng = np.random.default_rng(seed)
    x, y = inputs_of(start, fit.values, fit.usual), fit.label.astype(np.float64)
    x_watch, y_watch = inputs_of(start, watch.values, watch.usual), watch.label.astype(np.float64)
    skip, intercept = _logistic(x, y)
    best = weights = {
        "hidden": rng.normal(0.0, 1.0 / np.sqrt(x.shape[1]), (HIDDEN, x.shape[1])),
        "bias": rng.uniform(-1.0, 1.0, HIDDEN),
        "output": np.zeros(HIDDEN),
        "skip": skip,
        "intercept": np.array([intercept]),
    }
    least, waited = _loss(_logits(weights, x_watch), y_watch), 0
    adam = _Adam(weights)
    for _ in range(STEPS if hidden else 0):
        weights = adam.step(weights, _gradients(weights, x, y))
        loss = _loss(_logits(weights, x_watch), y_watch)
        if loss < least - 1e-7:
            best, least, waited = weights, loss, 0
        elif (waited := waited + 1) > PATIENCE:
            break
    network = replace(
        start,
        hidden=np.round(best["hidden"], DIGITS),
        bias=np.round(best["bias"], DIGITS),
        output=np.round(best["output"], DIGITS),
        skip=np.round(best["skip"], DIGITS),
        intercept=round(float(best["intercept"][0]), DIGITS),
    )
    return replace(network, temperature=_temperature(network, watch))


def probability(network: Network, values: Array, usual: Array) -> Array:
    """Return the calibrated probability in float64: what the graph computes in float32."""
    return _sigmoid(_raw(network, values, usual) / network.temperature)


def _raw(network: Network, values: Array, usual: Array) -> Array:
    f = inputs_of(network, values, usual)
    bent = _sigmoid(f @ network.hidden.T + network.bias) @ network.output
    logits: Array = bent + f @ network.skip + network.intercept
    return logits


def _temperature(network: Network, watch: Examples) -> float:
    """Return the temperature of least loss, by golden section on 0.3 to 4."""
    raw, y = _raw(network, watch.values, watch.usual), watch.label.astype(np.float64)
    return round(_least(lambda t: _loss(raw / t, y), 0.3, 4.0), DIGITS)


def _least(cost: Callable[[float], float], low: float, high: float) -> float:
    ratio = (5**0.5 - 1) / 2
    for _ in range(60):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if cost(a) < cost(b):
            high = b
        else:
            low = a
    return (low + high) / 2


def _logistic(x: Array, y: Array) -> tuple[Array, float]:
    """Return weights and intercept of the ridge logistic regression."""
    inputs = np.hstack([x, np.ones((len(x), 1))])
    ridge = np.diag(np.r_[np.full(x.shape[1], RIDGE), 1e-6])
    weights = np.zeros(inputs.shape[1])
    for _ in range(NEWTON_STEPS):
        p = _sigmoid(inputs @ weights)
        slope = inputs.T @ (p - y) + ridge @ weights
        bend = (inputs * (p * (1.0 - p))[:, None]).T @ inputs + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return weights[:-1], float(weights[-1])


class _Adam:
    """Adam with decoupled decay of the hidden layer's weights."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self._first = {name: np.zeros_like(w) for name, w in weights.items()}
        self._second = {name: np.zeros_like(w) for name, w in weights.items()}
        self._count = 0

    def step(self, weights: dict[str, Array], slopes: dict[str, Array]) -> dict[str, Array]:
        self._count += 1
        moved = {}
        for name, weight in weights.items():
            slope = slopes[name]
            self._first[name] = 0.9 * self._first[name] + 0.1 * slope
            self._second[name] = 0.999 * self._second[name] + 0.001 * slope**2
            mean = self._first[name] / (1 - 0.9**self._count)
            square = self._second[name] / (1 - 0.999**self._count)
            kept = 1.0 - RATE * DECAY if name in {"hidden", "output"} else 1.0
            moved[name] = weight * kept - RATE * mean / (np.sqrt(square) + 1e-8)
        return moved


def _logits(weights: dict[str, Array], x: Array) -> Array:
    bent = _sigmoid(x @ weights["hidden"].T + weights["bias"]) @ weights["output"]
    logits: Array = bent + x @ weights["skip"] + weights["intercept"]
    return logits


def _gradients(weights: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Propagate the error of the mean cross-entropy back."""
    active = _sigmoid(x @ weights["hidden"].T + weights["bias"])
    logits = active @ weights["output"] + x @ weights["skip"] + weights["intercept"]
    error = (_sigmoid(logits) - y) / len(y)
    inner = error[:, None] * weights["output"] * active * (1.0 - active)
    return {
        "hidden": inner.T @ x,
        "bias": inner.sum(axis=0),
        "output": active.T @ error,
        "skip": x.T @ error + RIDGE / len(y) * weights["skip"],
        "intercept": np.array([error.sum()]),
    }


def _loss(logits: Array, y: Array) -> float:
    return float(np.mean(np.logaddexp(0.0, logits) - y * logits))


def _sigmoid(x: Array) -> Array:
    squashed: Array = 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))
    return squashed


def _span(values: Array) -> Array:
    """Return the robust standard deviation of each column; 1 where nothing is known."""
    span = (_quantile(values, 0.95) - _quantile(values, 0.05)) / _SPAN
    own = np.array([_deviation(column) for column in values.T])
    chosen = np.where(span > _LEAST_SCALE, span, own)
    return np.round(np.where(chosen > _LEAST_SCALE, chosen, 1.0), DIGITS)


def _deviation(column: Array) -> float:
    known = column[~np.isnan(column)]
    return float(known.std()) if len(known) else 0.0


def _quantile(values: Array, share: float) -> Array:
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.quantile(c, share) if len(c) else np.nan for c in columns])
