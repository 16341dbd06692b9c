"""The confusion matrix from each level upwards."""

from collections.abc import Mapping

import numpy as np

from training.evaluation.figures import Level
from training.evaluation.resampling import Resampler, figure, ratio
from training.evaluation.sample import Bools, Floats, Sample

PER = 10_000.0


def levels(
    sample: Sample, probability: Floats, thresholds: Mapping[str, float], resampler: Resampler
) -> tuple[Level, ...]:
    """Return, for each level, who is at it or above it, and who of them had need."""
    return tuple(
        _level(sample, probability >= cut, name, cut, resampler=resampler)
        for name, cut in thresholds.items()
    )


def _level(sample: Sample, warned: Bools, name: str, cut: float, *, resampler: Resampler) -> Level:
    at = warned.astype(np.float64)
    columns = np.c_[np.ones(sample.rows), sample.truth, at, at * sample.truth]
    totals = np.vstack([columns.sum(axis=0), resampler.sums(columns)])
    rows, need, alerts, right = totals.T
    hit, alarms, cases, all_rows = (int(one[0]) for one in (right, alerts, need, rows))
    ppv, recall, load = ratio(right, alerts), ratio(right, need), PER * alerts / rows
    alerted = float(len(np.unique(sample.student[warned])))
    with_need = float(len(np.unique(sample.student[sample.truth > 0])))
    return Level(
        level=name,
        threshold=cut,
        true_positive=hit,
        false_positive=alarms - hit,
        false_negative=cases - hit,
        true_negative=all_rows - alarms - cases + hit,
        ppv=figure(ppv[0], ppv[1:], share_of=alerted),
        recall=figure(recall[0], recall[1:], share_of=with_need),
        alerts_per_10000=figure(load[0], load[1:]),
    )
