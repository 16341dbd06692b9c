"""Figures with 95 % intervals from resampling people; used until a report says more."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from shared.bundle.manifest import Metric

Array = NDArray[Any]
SAMPLES = 400
MOST_ROWS = 200_000  # of the judged part, so that resampling ends
_TINY = 1e-15


def log_loss(label: Array, probability: Array) -> float:
    bounded = np.clip(probability, _TINY, 1 - _TINY)
    return float(-np.mean(label * np.log(bounded) + (1 - label) * np.log(1 - bounded)))


def brier(label: Array, probability: Array) -> float:
    return float(np.mean((probability - label) ** 2))


FIGURES: dict[str, Callable[[Array, Array], float]] = {
    "roc_auc": roc_auc_score,
    "pr_auc": average_precision_score,
    "log_loss": log_loss,
    "brier": brier,
}


def figures(
    label: Array,
    probabilities: dict[str, Array],
    groups: Array | None,
    *,
    seed: int,
    samples: int = SAMPLES,
) -> dict[str, dict[str, Metric]]:
    """Return each figure of each model; all models are judged on the same resamples."""
    rng = np.random.default_rng(seed)
    member = np.arange(len(label)) if groups is None else np.unique(groups, return_inverse=True)[1]
    order = np.argsort(member, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(member))[:-1])
    drawn: dict[tuple[str, str], list[float]] = {}
    for _ in range(samples):
        chosen = rng.integers(0, len(rows), len(rows))
        picked = chosen if groups is None else np.concatenate([rows[i] for i in chosen])
        if 0 < label[picked].sum() < len(picked):
            for model, chance in probabilities.items():
                for name, figure in FIGURES.items():
                    value = float(figure(label[picked], chance[picked]))
                    drawn.setdefault((model, name), []).append(value)
    return {
        model: {
            name: _metric(float(figure(label, chance)), drawn.get((model, name), []))
            for name, figure in FIGURES.items()
        }
        for model, chance in probabilities.items()
    }


def _metric(value: float, drawn: list[float]) -> Metric:
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (value, value)
    return Metric(round(value, 5), round(float(low), 5), round(float(high), 5))
