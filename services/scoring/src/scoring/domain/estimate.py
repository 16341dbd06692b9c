"""How well the model does before anybody knows: estimates from its own calibrated probabilities.

Confidence-based performance estimation (CBPE, as in NannyML's documentation): if probabilities are
calibrated, a student flagged at probability p is a true positive with probability p. So expected
precision is the mean probability of those flagged, and expected recall their sum over everybody's.
The figures are true as far as calibration is; they are called estimates wherever they are shown.
Intervals are normal ones, of sums of independent Bernoulli variables (delta method for recall).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964


@dataclass(frozen=True)
class Estimated:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """Expected figures of everybody at or above a probability; None where nothing is to divide."""

    threshold: float
    students: int
    flagged: int
    precision: Estimated | None
    recall: Estimated | None


def estimate(probabilities: Sequence[float], threshold: float) -> Estimate:
    """Estimate precision and recall of flagging at a threshold."""
    flagged = [p for p in probabilities if p >= threshold]
    rest = [p for p in probabilities if p < threshold]
    hits, missed = math.fsum(flagged), math.fsum(rest)
    spread_hits, spread_missed = _variance(flagged), _variance(rest)
    precision = recall = None
    if flagged:
        precision = _bounded(hits / len(flagged), math.sqrt(spread_hits) / len(flagged))
    if hits + missed > 0:
        total = hits + missed
        share = hits / total
        spread = (1 - share) ** 2 * spread_hits + share**2 * spread_missed
        recall = _bounded(share, math.sqrt(spread) / total)
    return Estimate(threshold, len(probabilities), len(flagged), precision, recall)


def _variance(probabilities: Sequence[float]) -> float:
    return math.fsum(p * (1 - p) for p in probabilities)


def _bounded(value: float, error: float) -> Estimated:
    return Estimated(value, max(0.0, value - _Z * error), min(1.0, value + _Z * error))
