"""How well a predictor orders rows, with weights, ties and all: ROC-AUC and PR-AUC.

ROC-AUC is the probability that a row with need stands above one without, ties counting half (Hanley
and McNeil 1982). PR-AUC is the average precision, the sum of (R_k - R_(k-1)) P_k from the highest
probability down, not interpolated (Manning et al. 2008; the same as scikit-learn's). Both are
without unit, 0..1; a predictor that knows nothing has .5 and the prevalence.
"""

from dataclasses import dataclass

import numpy as np

from training.evaluation.sample import Floats, Ints


@dataclass(frozen=True)
class Ranking:
    """Rows from the highest probability down; `starts` begin runs of equal probability."""

    order: Ints
    truth: Floats
    starts: Ints


def ranking_of(truth: Floats, probability: Floats) -> Ranking:
    """Sort once; every draw uses the same order."""
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
    return Ranking(order, truth[order], starts)


def areas(ranking: Ranking, weights: Floats) -> Floats:
    """Return ROC-AUC and PR-AUC `[b, 2]` for weights `[b, n]` in the order of the ranking."""
    with_need = weights * ranking.truth
    without = weights - with_need
    if len(ranking.starts) < len(ranking.truth):
        with_need = np.add.reduceat(with_need, ranking.starts, axis=1)
        without = np.add.reduceat(without, ranking.starts, axis=1)
    caught, alarmed = with_need.cumsum(axis=1), without.cumsum(axis=1)
    positives, negatives = caught[:, -1], alarmed[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = negatives[:, None] - alarmed + without / 2.0
        roc = (with_need * below).sum(axis=1) / (positives * negatives)
        alerts = caught + alarmed
        precision = np.where(alerts > 0, caught / alerts, 0.0)
        average = (with_need * precision).sum(axis=1) / positives
    return np.stack([np.where(np.isfinite(roc), roc, np.nan), average], axis=1)
