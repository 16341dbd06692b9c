"""Whether what is said comes true: Brier score, log-loss, ECE and the calibration curve.

- Brier score (1950): mean of (p - y)^2, 0 is best; a constant at the prevalence q has q (1 - q).
- Log-loss: mean of -ln of what was given to what came, in nats; probabilities are kept off 0 and 1
  by 1e-15, as scikit-learn does for doubles of that size.
- ECE (Naeini et al. 2015), over ten bins of equal size: sum of n_b / n * |mean y - mean p|. It is
  above zero for a perfect model too, the more so the fewer the rows.
"""

from dataclasses import dataclass

import numpy as np

from training.evaluation.figures import CalibrationBin, Figure
from training.evaluation.resampling import Resampler, figure, ratio
from training.evaluation.sample import Floats, Ints, Sample

BINS = 10
SMALLEST_CELL = 10
TINY = 1e-15


def squared_error(truth: Floats, probability: Floats) -> Floats:
    """Return each row's part of the Brier score."""
    return (probability - truth) ** 2


def surprise(truth: Floats, probability: Floats) -> Floats:
    """Return each row's part of the log-loss, in nats."""
    kept = np.clip(probability, TINY, 1.0 - TINY)
    return -np.where(truth > 0, np.log(kept), np.log1p(-kept))


def bins_of(probability: Floats, bins: int = BINS) -> Ints:
    """Return each row's bin: tenths of the rows by probability; equal ones stay together."""
    ordered = np.sort(probability)
    edges = np.unique(ordered[np.arange(1, bins) * len(ordered) // bins])
    place: Ints = np.searchsorted(edges, probability, side="right")
    _, packed = np.unique(place, return_inverse=True)
    return packed


@dataclass(frozen=True)
class Binned:
    """Three columns a bin, `[n, 3 * bins]`: rows, probability, truth."""

    columns: Floats
    bins: int


def binned(truth: Floats, probability: Floats) -> Binned:
    """Lay rows out by bin, so that totals of columns are totals of bins."""
    place = bins_of(probability)
    count = int(place.max()) + 1
    columns = np.zeros((len(truth), 3, count))
    rows = np.arange(len(truth))
    columns[rows, 0, place] = 1.0
    columns[rows, 1, place] = probability
    columns[rows, 2, place] = truth
    return Binned(columns.reshape(len(truth), -1), count)


def expected_error(totals: Floats, bins: int) -> Floats:
    """Return the ECE `[b]` of totals `[b, 3 * bins]`."""
    rows, said, came = totals.reshape(len(totals), 3, bins).transpose(1, 0, 2)
    error: Floats = np.abs(came - said).sum(axis=1) / rows.sum(axis=1)
    return error


def curve(sample: Sample, probability: Floats, resampler: Resampler) -> tuple[CalibrationBin, ...]:
    """Return what was said and what came, bin by bin; few students are not shown."""
    laid = binned(sample.truth, probability)
    now = laid.columns.sum(axis=0).reshape(3, laid.bins)
    drawn = resampler.sums(laid.columns).reshape(-1, 3, laid.bins)
    place = bins_of(probability)
    return tuple(
        _bin(
            now[:, b],
            figure(now[2, b] / now[0, b], ratio(drawn[:, 2, b], drawn[:, 0, b])),
            len(np.unique(sample.student[place == b])),
        )
        for b in range(laid.bins)
    )


def _bin(now: Floats, came: Figure, students: int) -> CalibrationBin:
    hidden = students < SMALLEST_CELL
    shown = Figure(None, None, None) if hidden else came
    return CalibrationBin(int(now[0]), students, float(now[1] / now[0]), shown)
