"""Temperature, and a shift where the loss was not the plain one: fitted on rows held out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.network.linear import row_loss

Array = NDArray[Any]
LOWEST, HIGHEST = 0.2, 5.0
_STEPS = 80


def temperature_of(logits: Array, label: Array) -> float:
    """Return the temperature of least log-loss, by golden section on its logarithm."""
    ratio = (5**0.5 - 1) / 2
    low, high = float(np.log(LOWEST)), float(np.log(HIGHEST))
    for _ in range(_STEPS):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if _cost(logits, label, a) < _cost(logits, label, b):
            high = b
        else:
            low = a
    return round(float(np.exp((low + high) / 2)), 6)


def shift_of(logits: Array, label: Array) -> float:
    """Return what must be added so that the mean probability is the share of positives."""
    low, high = -20.0, 20.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if (0.5 * (1.0 + np.tanh(0.5 * (logits + middle)))).mean() > label.mean():
            high = middle
        else:
            low = middle
    return round((low + high) / 2, 6)


def _cost(logits: Array, label: Array, log_temperature: float) -> float:
    return float(row_loss(logits / np.exp(log_temperature), label).mean())
