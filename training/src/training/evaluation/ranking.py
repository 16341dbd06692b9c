"""How well a predictor orders rows, with weights, ties and all: ROC-AUC and PR-AUC.

ROC-AUC is the probability that a row with need stands above one without, ties counting half (Hanley
and McNeil 1982). PR-AUC is the average precision, the sum of (R_k - R_(k-1)) P_k from the highest
probability down, not interpolated (Manning et al. 2008; the same as scikit-learn's). Both are
without unit, 0..1; a predictor that knows nothing has .5 and the prevalence.

Values are exact. In resamples, more than 4,096 different probabilities are taken in 4,096 steps of
equally many rows, and the small error of that, known from the sample itself, is taken off again.
"""

from dataclasses import dataclass

import numpy as np

from training.evaluation.resampling import Resampler
from training.evaluation.sample import Floats, Ints

STEPS = 4096


@dataclass(frozen=True)
class Ranking:
    """Each row's cell: twice its step (0 is the highest probability) and 1 more with need."""

    cell: Ints
    steps: int


def ranking_of(truth: Floats, probability: Floats, most: int | None = None) -> Ranking:
    """Rank rows by their different probabilities, in at most so many steps."""
    different, step = np.unique(-probability, return_inverse=True)
    if most is not None and len(different) > most:
        rank = np.empty(len(step), np.int64)
        rank[np.argsort(step, kind="stable")] = np.arange(len(step))
        first = np.full(len(different), len(step))
        np.minimum.at(first, step, rank)  # equal probabilities stay in one step
        _, step = np.unique(first[step] * most // len(step), return_inverse=True)
    return Ranking(2 * step + (truth > 0), int(step.max()) + 1)


def areas(ranking: Ranking, weights: Floats) -> Floats:
    """Return ROC-AUC and PR-AUC `[2]` of weighted rows."""
    cells = np.bincount(ranking.cell, weights, minlength=2 * ranking.steps)
    found: Floats = _areas(cells[None].astype(np.float64))[0]
    return found


def drawn_areas(truth: Floats, probability: Floats, resampler: Resampler, rows: Ints) -> Floats:
    """Return ROC-AUC and PR-AUC of rows, first as they are, then of all draws `[1 + r, 2]`."""
    exact = areas(ranking_of(truth[rows], probability[rows]), np.ones(len(rows)))
    coarse = ranking_of(truth[rows], probability[rows], STEPS)
    error = areas(coarse, np.ones(len(rows))) - exact
    draws = _areas(resampler.tallied(coarse.cell, 2 * coarse.steps, rows))
    return np.vstack([exact, draws - error])


def _areas(cells: Floats) -> Floats:
    without, with_need = cells[:, ::2], cells[:, 1::2]
    caught, alarmed = with_need.cumsum(axis=1), without.cumsum(axis=1)
    positives, negatives = caught[:, -1], alarmed[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = negatives[:, None] - alarmed + without / 2.0
        roc = (with_need * below).sum(axis=1) / (positives * negatives)
        alerts = caught + alarmed
        precision = np.where(alerts > 0, caught / alerts, 0.0)
        average = (with_need * precision).sum(axis=1) / positives
    return np.stack([np.where(np.isfinite(roc), roc, np.nan), average], axis=1)
