"""Decision curves: alerting by the model against talking with everybody, or with nobody.

Net benefit at threshold t = TP / n - FP / n * t / (1 - t), in right alerts a row (Vickers and Elkin
2006): t says how many needless talks one right one is worth, (1 - t) / t. Talking with nobody has
0, with everybody q - (1 - q) t / (1 - t).
"""

from collections.abc import Mapping

import numpy as np

from training.evaluation.figures import DecisionPoint
from training.evaluation.resampling import Resampler, figure
from training.evaluation.sample import Floats, Sample

THRESHOLDS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


def net_benefit(truth: Floats, probability: Floats, threshold: float) -> float:
    """Return the net benefit a row of alerting at a threshold."""
    return float(_gain(truth, probability, threshold).mean())


def points(
    sample: Sample, predictors: Mapping[str, Floats], resampler: Resampler
) -> tuple[DecisionPoint, ...]:
    """Return the curve of the first predictor with intervals, the others' beside it."""
    (_, model), *others = predictors.items()
    gains = np.stack([_gain(sample.truth, model, t) for t in THRESHOLDS], axis=1)
    drawn = resampler.sums(np.c_[gains, np.ones(sample.rows)])
    prevalence = float(sample.truth.mean())
    return tuple(
        DecisionPoint(
            threshold=t,
            model=figure(gains[:, i].mean(), drawn[:, i] / drawn[:, -1]),
            everybody=prevalence - (1.0 - prevalence) * t / (1.0 - t),
            others={name: net_benefit(sample.truth, p, t) for name, p in others},
        )
        for i, t in enumerate(THRESHOLDS)
    )


def _gain(truth: Floats, probability: Floats, threshold: float) -> Floats:
    alert = probability >= threshold
    return np.where(truth > 0, 1.0, -threshold / (1.0 - threshold)) * alert
