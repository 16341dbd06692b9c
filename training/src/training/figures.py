"""Figures with 95 % intervals from resampling people; used until a report says more."""

from collections.abc import Callable
from dataclasses import dataclass
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
LOWER_IS_BETTER = frozenset({"log_loss", "brier"})


@dataclass(frozen=True)
class Judged:
    """Figures by model and name, and the network's less those of the better baseline, paired."""

    figures: dict[str, dict[str, Metric]]
    differences: dict[str, tuple[str, Metric]]


def judge(
    label: Array,
    probabilities: dict[str, Array],
    groups: Array | None,
    *,
    seed: int,
    samples: int = SAMPLES,
) -> Judged:
    """Judge all models on the same resamples of groups (of rows where there are none)."""
    drawn = _drawn(label, probabilities, groups, np.random.default_rng(seed), samples)
    value = {
        model: {name: float(figure(label, chance)) for name, figure in FIGURES.items()}
        for model, chance in probabilities.items()
    }
    found = {
        model: {name: _metric(value[model][name], drawn[model, name]) for name in FIGURES}
        for model in probabilities
    }
    rivals = [model for model in probabilities if model not in {"network", "majority"}]
    differences = {}
    for name in FIGURES if rivals and "network" in probabilities else ():
        sign = -1.0 if name in LOWER_IS_BETTER else 1.0
        best = max(rivals, key=lambda model, n=name, s=sign: s * value[model][n])  # type: ignore[misc]
        gap = value["network"][name] - value[best][name]
        differences[name] = best, _metric(gap, drawn["network", name] - drawn[best, name])
    return Judged(found, differences)


def _drawn(  # noqa: PLR0917 - one private use
    label: Array,
    probabilities: dict[str, Array],
    groups: Array | None,
    rng: np.random.Generator,
    samples: int,
) -> dict[tuple[str, str], Array]:
    member = np.arange(len(label)) if groups is None else np.unique(groups, return_inverse=True)[1]
    order = np.argsort(member, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(member))[:-1])
    drawn: dict[tuple[str, str], list[float]] = {
        (model, name): [] for model in probabilities for name in FIGURES
    }
    for _ in range(samples):
        chosen = rng.integers(0, len(rows), len(rows))
        picked = chosen if groups is None else np.concatenate([rows[i] for i in chosen])
        if 0 < label[picked].sum() < len(picked):
            for (model, name), values in drawn.items():
                chance = probabilities[model][picked]
                values.append(float(FIGURES[name](label[picked], chance)))
    return {key: np.array(values) for key, values in drawn.items()}


def _metric(value: float, drawn: Array) -> Metric:
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (value, value)
    return Metric(round(value, 5), round(float(low), 5), round(float(high), 5))
