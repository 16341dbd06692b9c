"""What a decision is made on: an assessment with its inhibition, or an urgent signal."""

from dataclasses import dataclass
from datetime import datetime

from alerts.domain.reasons import Reason
from shared.contracts.alert import Level
from shared.contracts.assessment import Assessment
from shared.kernel.campus_time import parse_utc
from shared.kernel.trace import valid


@dataclass(frozen=True)
class AssessmentEvidence:
    """One assessment; `probability` is None where the model abstained.

    `silence_share` is what absence added to the logit, `silent_days` its plain count (None where
    unknown), `dead_feeds` the feeds that could have seen the student and were not alive.
    """

    id: str
    student: str
    position: int
    as_of: datetime
    probability: float | None
    coverage: float
    silence_share: float = 0.0
    silent_days: float | None = None
    dead_feeds: tuple[str, ...] = ()
    traceparent: str | None = None


@dataclass(frozen=True)
class UrgentSignal:
    """A screening or report that a rule judged; `red_clock` starts the minutes for a person."""

    id: str
    student: str
    as_of: datetime
    level: Level
    reason: Reason
    red_clock: bool = False
    traceparent: str | None = None


Evidence = AssessmentEvidence | UrgentSignal


def evidence_of(assessment: Assessment, silence: frozenset[str]) -> AssessmentEvidence:
    """Read an assessment; `silence` names the indicators that rest on absence alone."""
    shares = [c for c in assessment.contributions if c.indicator in silence]
    days = next(
        (c.value for c in assessment.contributions if c.indicator == "silent_days"),
        None,
    )
    return AssessmentEvidence(
        id=assessment.id,
        student=assessment.student,
        position=assessment.position,
        as_of=parse_utc(assessment.as_of),
        probability=assessment.probability if assessment.status == "scored" else None,
        coverage=assessment.coverage,
        silence_share=sum(max(c.share, 0.0) for c in shares),
        silent_days=days,
        dead_feeds=tuple(assessment.dead_feeds),
        traceparent=valid(assessment.traceparent),
    )
