"""The working point: what counsellors can answer decides how many alerts there are.

In each week the students with the highest probability are alerted, a fixed share of that week's
students (1-2 % a week: `domain.md` 4.9), at least one. Where several rows tie at the cut, the
places left are shared out among them, which is what drawing lots would give on average; so neither
the order of rows nor their names matter, and a constant predictor's PPV is the prevalence.
"""

from itertools import pairwise

import numpy as np

from training.evaluation.sample import Floats, Sample

SHARE = 0.015


def places(students: int, share: float) -> int:
    """Return how many of a week's students can be answered."""
    return max(1, int(np.floor(students * share + 1e-9)))


def alerted(sample: Sample, probability: Floats, share: float = SHARE) -> Floats:
    """Return each row's alert weight in 0..1: 1 above its week's cut, a part of one at it."""
    weight = np.zeros(sample.rows)
    order = np.argsort(sample.week, kind="stable")
    edges = np.searchsorted(sample.week[order], np.arange(sample.weeks + 1))
    for begin, end in pairwise(edges):
        rows = order[begin:end]
        free = places(len(np.unique(sample.student[rows])), share)
        weight[rows] = _top(probability[rows], free)
    return weight


def cut_of(probability: Floats, weight: Floats) -> float:
    """Return the lowest probability that was alerted in any week."""
    return float(probability[weight > 0].min())


def _top(probability: Floats, free: int) -> Floats:
    if free >= len(probability):
        return np.ones(len(probability))
    cut = np.partition(probability, -free)[-free]
    above, tied = probability > cut, probability == cut
    part = (free - above.sum()) / tied.sum()
    return np.where(above, 1.0, np.where(tied, part, 0.0))
