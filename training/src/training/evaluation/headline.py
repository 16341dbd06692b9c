"""The headline figures of each predictor, and the differences between the first and the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.evaluation.budget import alerted
from training.evaluation.calibration import (
    binned,
    expected_error,
    squared_error,
    surprise,
)
from training.evaluation.figures import Comparison, Figure, Scores, Verdict
from training.evaluation.ranking import drawn_areas
from training.evaluation.resampling import Resampler, figure, ratio
from training.evaluation.sample import Bools, Floats, Sample

METRICS = (
    "ppv_at_budget",
    "recall_at_budget",
    "pr_auc",
    "roc_auc",
    "brier",
    "log_loss",
    "ece",
    "accuracy",
)
COMPARED = ("ppv_at_budget", "recall_at_budget", "pr_auc", "roc_auc", "brier", "log_loss")
LESS_IS_BETTER = frozenset({"brier", "log_loss", "ece"})
HALF = 0.5  # where accuracy is cut: it is shown to be distrusted


@dataclass(frozen=True)
class Trial:
    """What was measured of one predictor: each figure's value first, then its draws."""

    name: str
    draws: dict[str, Floats]
    behind: dict[str, float]

    def scores(self) -> Scores:
        return Scores(self.name, **{metric: self._figure(metric) for metric in METRICS})

    def _figure(self, metric: str) -> Figure:
        one = self.draws[metric]
        return figure(one[0], one[1:], share_of=self.behind.get(metric))


def trial(
    name: str, sample: Sample, probability: Floats, *, share: float, resampler: Resampler
) -> Trial:
    """Measure one predictor on the rows and on all draws of them."""
    draws = {**_sums(sample, probability, share, resampler)}
    both = drawn_areas(sample.truth, probability, resampler, np.arange(sample.rows))
    draws |= {"roc_auc": both[:, 0], "pr_auc": both[:, 1]}
    need = sample.truth > 0
    warned = alerted(sample, probability, share) > 0
    behind = {
        "ppv_at_budget": _students(sample, warned),
        "recall_at_budget": _students(sample, need),
        "accuracy": sample.students,
    }
    return Trial(name, draws, behind)


def comparisons(trials: Mapping[str, Trial]) -> tuple[Comparison, ...]:
    """Return the first predictor less each other one, paired by draw."""
    first, *others = trials.values()
    return tuple(_difference(first, other, metric) for other in others for metric in COMPARED)


def _difference(first: Trial, other: Trial, metric: str) -> Comparison:
    apart = first.draws[metric] - other.draws[metric]
    found = figure(apart[0], apart[1:])
    return Comparison(other.name, metric, found, verdict_of(metric, found))


def verdict_of(metric: str, difference: Figure) -> Verdict:
    """Read a difference: the interval has to leave out zero."""
    low, high = difference.low, difference.high
    if low is None or high is None or low <= 0 <= high:
        return "no_clear_difference"
    return "better" if (low > 0) != (metric in LESS_IS_BETTER) else "worse"


def _sums(
    sample: Sample, probability: Floats, share: float, resampler: Resampler
) -> dict[str, Floats]:
    truth = sample.truth
    alert = alerted(sample, probability, share)
    laid = binned(truth, probability)
    columns = np.c_[
        np.ones(sample.rows),
        truth,
        alert,
        alert * truth,
        squared_error(truth, probability),
        surprise(truth, probability),
        (probability >= HALF) == (truth > 0),
        laid.columns,
    ]
    totals = np.vstack([columns.sum(axis=0), resampler.sums(columns)])
    rows, need, alerts, right, squares, nats, correct = totals[:, :7].T
    return {
        "ppv_at_budget": ratio(right, alerts),
        "recall_at_budget": ratio(right, need),
        "brier": squares / rows,
        "log_loss": nats / rows,
        "accuracy": correct / rows,
        "ece": expected_error(totals[:, 7:], laid.bins),
        "prevalence": need / rows,
        "alerts": ratio(alerts, rows),
        "specificity": 1.0 - ratio(alerts - right, rows - need),
    }


def _students(sample: Sample, rows: Bools) -> float:
    return float(len(np.unique(sample.student[rows])))
