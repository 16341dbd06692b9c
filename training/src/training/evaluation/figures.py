"""The words of an evaluation: frozen values that become JSON as they stand.

A share is 0..1, a count is rows (student-weeks) unless its name says students. `None` is "cannot be
said": one class only, an empty denominator, or a small cell.
"""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

DataKind = Literal["simulated", "campus", "table"]
Verdict = Literal["better", "worse", "no_clear_difference"]


@dataclass(frozen=True)
class Figure:
    """A value with the bounds of its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Figure(None, None, None)


@dataclass(frozen=True)
class Scores:
    """The headline figures of one predictor, over the same rows as all others."""

    name: str
    ppv_at_budget: Figure
    recall_at_budget: Figure
    pr_auc: Figure
    roc_auc: Figure
    brier: Figure
    log_loss: Figure
    ece: Figure
    accuracy: Figure


@dataclass(frozen=True)
class Comparison:
    """The first predictor less another one, drawn from the same resamples.

    `verdict` is read from the interval: `better` or `worse` where it leaves out zero.
    """

    other: str
    metric: str
    difference: Figure
    verdict: Verdict


@dataclass(frozen=True)
class AtBudget:
    """The working point: in each week the `share` of students with the highest probability."""

    share: float
    cut: float
    alerts: float
    alerts_per_10000: Figure
    ppv: Figure
    recall: Figure
    specificity: Figure


@dataclass(frozen=True)
class Level:
    """The confusion matrix from one level's probability upwards."""

    level: str
    threshold: float
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    ppv: Figure
    recall: Figure
    alerts_per_10000: Figure


@dataclass(frozen=True)
class CalibrationBin:
    """Rows of like probability: what was said, and what came; None for few students."""

    rows: int
    students: int
    said: float
    came: Figure


@dataclass(frozen=True)
class DecisionPoint:
    """Net benefit per row at one threshold; treating nobody has 0."""

    threshold: float
    model: Figure
    everybody: float
    others: dict[str, float]


@dataclass(frozen=True)
class AtPrevalence:
    """What the working point's recall and specificity would mean where need is rarer or commoner.

    Counts are of 10,000 students a week.
    """

    prevalence: float
    ppv: Figure
    alerts: Figure
    true_alerts: Figure
    false_alerts: Figure


@dataclass(frozen=True)
class Claim:
    """What a published sensitivity and specificity would mean at one prevalence.

    `never_alert` is the accuracy of a system that never alerts. Counts are of 10,000 students.
    """

    prevalence: float
    sensitivity: float
    specificity: float
    ppv: float
    true_alerts: float
    false_alerts: float
    never_alert: float


@dataclass(frozen=True)
class GroupRow:
    """One group; `suppressed` says what was hidden, so that few students are never a cell."""

    group: str
    suppressed: Literal["no", "cases", "all"]
    students: int | None
    rows: int | None
    prevalence: Figure
    roc_auc: Figure
    ppv: Figure
    recall: Figure
    false_positive_rate: Figure
    alerts_per_10000: Figure
    said_minus_came: Figure


@dataclass(frozen=True)
class Gap:
    """The largest difference and the smallest ratio of a figure between the groups shown."""

    metric: str
    highest: str | None
    lowest: str | None
    difference: Figure
    ratio: Figure


@dataclass(frozen=True)
class GroupColumn:
    """All groups of one kind (college, intake, gender …)."""

    column: str
    groups: tuple[GroupRow, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class MissingInput:
    """The share of rows in which an input was missing, and of students who never had it."""

    name: str
    share: Figure
    never: float


@dataclass(frozen=True)
class Evaluation:
    """Everything that is said of one set of rows; `notes` are codes that the report words."""

    name: str
    data: DataKind
    rows: int
    students: int
    weeks: int
    positive_rows: int
    positive_students: int
    prevalence: Figure
    budget: AtBudget
    scores: tuple[Scores, ...]
    comparisons: tuple[Comparison, ...]
    levels: tuple[Level, ...]
    calibration: tuple[CalibrationBin, ...]
    decision: tuple[DecisionPoint, ...]
    prevalences: tuple[AtPrevalence, ...]
    claims: tuple[Claim, ...]
    groups: tuple[GroupColumn, ...]
    missing: tuple[MissingInput, ...]
    notes: tuple[str, ...]
    seed: int
    replicates: int
    confidence: float


def document(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain dictionaries, lists, numbers and None."""
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain
