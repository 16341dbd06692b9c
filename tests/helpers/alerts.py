"""Builders for the tests of alerts."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from alerts.domain.alert import StudentState
from alerts.domain.decide import decide
from alerts.domain.evidence import AssessmentEvidence, Evidence, UrgentSignal
from alerts.domain.policy import Policy
from alerts.domain.reasons import Reason
from alerts.domain.settle import Decision
from alerts.readers.policy_file import load_policy
from shared.contracts.alert import Level

ROOT = Path(__file__).parents[2]
POLICY_FILE = ROOT / "tests" / "helpers" / "alert_policy.yaml"
START = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)


@cache
def a_policy() -> Policy:
    return load_policy(POLICY_FILE)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def assessed(
    probability: float | None,
    position: int,
    *,
    at: datetime | None = None,
    student: str = "s1",
    dead_feeds: tuple[str, ...] = (),
    silence_share: float = 0.0,
    silent_days: float | None = None,
    revision: int = 0,
    is_rules_only: bool = False,
) -> AssessmentEvidence:
    """Build an assessment; its position tells its day unless `at` is given."""
    return AssessmentEvidence(
        id=f"assessment_{student}_{position}_{revision}"
        if revision
        else f"assessment_{student}_{position}",
        student=student,
        position=position,
        as_of=at or day(position),
        probability=probability,
        coverage=0.86,
        silence_share=silence_share,
        silent_days=silent_days,
        dead_feeds=dead_feeds,
        revision=revision,
        is_rules_only=is_rules_only,
    )


def urgent(
    number: int = 1,
    *,
    level: Level = "orange",
    reason: Reason = Reason.PHQ9_ITEM9,
    red_clock: bool = False,
    student: str = "s1",
    at: datetime | None = None,
) -> UrgentSignal:
    return UrgentSignal(
        id=f"signal_{student}_{number}",
        student=student,
        as_of=at or day(number),
        level=level,
        reason=reason,
        red_clock=red_clock,
    )


def after(*evidence: Evidence, start: StudentState | None = None) -> tuple[StudentState, Decision]:
    """Decide on all in turn; return the state and the last decision."""
    state = start or StudentState(evidence[0].student)
    decision = Decision(state, Reason.NO_CONCERN)
    for each in evidence:
        decision = decide(state, each, a_policy())
        state = decision.state
    return state, decision


def assessment_json(
    student: str, position: int, probability: float | None, as_of: str = "2026-09-07T01:00:00Z"
) -> bytes:
    """Return the wire form of an assessment."""
    return json.dumps(
        {
            "id": f"assessment_{student}_{position}", "student": student, "vector": "v",
            "position": position, "as_of": as_of, "model": "m1", "input_digest": "d",
            "status": "abstained" if probability is None else "scored",
            "probability": probability, "level": "none", "coverage": 0.9, "contributions": [],
        }
    ).encode()  # fmt: skip


def screening_json(
    student: str,
    number: int,
    items: list[int],
    *,
    scale: str = "phq9",
    time: str = "2026-09-07T02:00:00Z",
) -> bytes:
    """Return the wire form of a screening."""
    return json.dumps(
        {
            "type": "lantern.screening.submitted.v1", "id": f"e{number}", "source": "centre",
            "subject": student, "time": time, "data": {"scale": scale, "items": items},
        }
    ).encode()  # fmt: skip
