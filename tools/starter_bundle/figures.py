"""What a model reaches, with 95 % intervals from resampling students."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle.manifest import Metric

Array = NDArray[Any]
SAMPLES = 200
BUDGET = 0.02  # share of students that can be looked at in a week
_BINS = 10


def roc_auc(score: Array, label: Array) -> float:
    """Return the probability that a positive scores above a negative; ties count half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    ones = int(label.sum())
    zeros = len(label) - ones
    return float((rank[label].sum() - ones * (ones + 1) / 2) / max(ones * zeros, 1))


def pr_auc(score: Array, label: Array) -> float:
    """Return the average precision."""
    order = np.argsort(-score, kind="stable")
    hits = label[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / max(hits.sum(), 1))


def brier(score: Array, label: Array) -> float:
    return float(np.mean((score - label) ** 2))


def ece(score: Array, label: Array) -> float:
    """Return the expected calibration error over ten bins of equal size."""
    parts = np.array_split(np.argsort(score, kind="stable"), _BINS)
    gaps = [abs(score[p].mean() - label[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(score))


def _within_budget(score: Array) -> Array:
    count = max(1, int(BUDGET * len(score)))
    return np.argsort(-score, kind="stable")[:count]


def ppv_at_budget(score: Array, label: Array) -> float:
    """Return how many of the highest 2 % are positive."""
    return float(label[_within_budget(score)].mean())


def recall_at_budget(score: Array, label: Array) -> float:
    """Return the share of positives among the highest 2 %."""
    return float(label[_within_budget(score)].sum() / max(label.sum(), 1))


FIGURES: dict[str, Callable[[Array, Array], float]] = {
    "roc_auc": roc_auc,
    "pr_auc": pr_auc,
    "brier": brier,
    "ece": ece,
    "ppv_at_2_percent": ppv_at_budget,
    "recall_at_2_percent": recall_at_budget,
}


def figures(score: Array, label: Array, student: Array, *, seed: int) -> dict[str, Metric]:
    """Return each figure with its interval; students are resampled, never single weeks."""
    rng = np.random.default_rng(seed)
    people, inverse = np.unique(student, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    drawn: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(SAMPLES):
        picked = np.concatenate([rows[i] for i in rng.integers(0, len(people), len(people))])
        for name, figure in FIGURES.items():
            drawn[name].append(figure(score[picked], label[picked]))
    return {
        name: Metric(
            round(figure(score, label), 4),
            round(float(np.quantile(drawn[name], 0.025)), 4),
            round(float(np.quantile(drawn[name], 0.975)), 4),
        )
        for name, figure in FIGURES.items()
    }
