"""What a figure is worth where need is rare: PPV and alerts at other prevalences.

PPV = se p / (se p + (1 - sp) (1 - p)), from Bayes' rule, with p the prevalence, se the sensitivity
(recall) and sp the specificity; alerts of 10,000 = 10,000 (se p + (1 - sp) (1 - p)). It supposes
that recall and specificity stay as they are where need is rarer, which is kind to the model.

"97.6 %" was published as an accuracy without data set, class balance or protocol. Read as
sensitivity and specificity at once, it still means that most alerts are wrong where need is rare;
and where 2.4 % need help, a system that never alerts is 97.6 % accurate.
"""

import numpy as np

from training.evaluation.figures import AtPrevalence, Claim
from training.evaluation.resampling import figure
from training.evaluation.sample import Floats

PREVALENCES = (0.355, 0.125, 0.05, 0.024, 0.01, 0.001)
PUBLISHED = 0.976
CLAIMS = ((PUBLISHED, PUBLISHED), (0.75, 0.90), (0.71, 0.66))
RARE = (0.355, 0.125, 0.05, 0.024, 0.01, 0.001, 1.71e-5)
"""The last: suicides a student and year (Su Binyuan 2015); the reason never to predict them."""
STUDENTS = 10_000.0


def ppv(prevalence: float, sensitivity: Floats | float, specificity: Floats | float) -> Floats:
    """Return the share of alerts that are right; NaN where nobody would be alerted."""
    right = np.asarray(sensitivity) * prevalence
    wrong = (1.0 - np.asarray(specificity)) * (1.0 - prevalence)
    alerts = right + wrong
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(alerts > 0, right / alerts, np.nan)


def at_prevalences(recall: Floats, specificity: Floats) -> tuple[AtPrevalence, ...]:
    """Return the working point elsewhere; the first entry is the value, the rest are draws."""
    return tuple(_elsewhere(p, recall, specificity) for p in PREVALENCES)


def claims() -> tuple[Claim, ...]:
    """Return the table that stands beside every accuracy."""
    return tuple(_claim(p, se, sp) for se, sp in CLAIMS for p in RARE)


def _elsewhere(p: float, recall: Floats, specificity: Floats) -> AtPrevalence:
    right = STUDENTS * p * recall
    wrong = STUDENTS * (1.0 - p) * (1.0 - specificity)
    share = ppv(p, recall, specificity)
    told = [figure(one[0], one[1:]) for one in (share, right + wrong, right, wrong)]
    return AtPrevalence(p, *told)


def _claim(p: float, sensitivity: float, specificity: float) -> Claim:
    return Claim(
        prevalence=p,
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=float(ppv(p, sensitivity, specificity)),
        true_alerts=STUDENTS * p * sensitivity,
        false_alerts=STUDENTS * (1.0 - p) * (1.0 - specificity),
        never_alert=1.0 - p,
    )
