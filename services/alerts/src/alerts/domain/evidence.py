"""What a decision is made on: an assessment with its inhibition, or an urgent signal."""

from datetime import datetime

from msgspec import Struct

from alerts.domain.reasons import Reason
from shared.contracts.alert import Level
from shared.contracts.assessment import Assessment
from shared.kernel.campus_time import parse_utc
from shared.kernel.trace import valid


class AssessmentEvidence(Struct, frozen=True, gc=False):
    """One assessment; `probability` is None where the model abstained.

    `silence_share` is what absence added to the logit, `silent_days` its plain count (None where
    unknown), `dead_feeds` the feeds that could have seen the student and were not alive.
    `revision` counts the changes of the model in service; `is_rules_only`: it is suspended.
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
    revision: int = 0
    is_rules_only: bool = False
    college: str | None = None


class ModelWord(Struct, frozen=True, gc=False):
    """Whether the model of a revision is suspended."""

    revision: int
    is_suspended: bool


class UrgentSignal(Struct, frozen=True, gc=False):
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
    of_absence = [c for c in assessment.contributions if c.indicator in silence]
    days = [c.value for c in assessment.contributions if c.indicator == "silent_days"]
    return AssessmentEvidence(
        id=assessment.id,
        student=assessment.student,
        position=assessment.position,
        as_of=parse_utc(assessment.as_of),
        probability=assessment.probability if assessment.status == "scored" else None,
        coverage=assessment.coverage,
        silence_share=sum([c.share for c in of_absence if c.share > 0]),
        silent_days=days[0] if days else None,
        dead_feeds=tuple(assessment.dead_feeds),
        traceparent=valid(assessment.traceparent),
        revision=assessment.revision,
        is_rules_only=assessment.abstained_for == "calibration",
        college=assessment.college,
    )
