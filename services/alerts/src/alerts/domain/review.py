"""A second verdict: what another person, who was not shown the first, makes of a resolved alert.

It says whether verdicts can be trusted as labels. The alert stays as it was resolved, and nobody is
told.
"""

from dataclasses import dataclass

from alerts.domain.alert import Entry, Status
from alerts.domain.persons import Action
from alerts.domain.reasons import Reason
from shared.contracts.alert import Level, Verdict
from shared.kernel.errors import ConflictError


@dataclass(frozen=True)
class Reviewable:
    """An alert as a reviewer finds it; `sequence` is the last of its history.

    `judges` resolved it, gave a verdict of their own, or declined to.
    """

    id: str
    student: str
    status: Status
    level: Level
    verdict: Verdict | None
    sequence: int
    resolver: str | None
    judges: frozenset[str]


def review(alert: Reviewable, action: Action, verdict: Verdict | None) -> Entry:
    """Return the line of a person's own verdict; without one the person declines to give any.

    Raises:
        ConflictError: still open, ended without a verdict, the person's own, or given before.
    """
    if alert.status != "resolved":
        raise ConflictError("alert_open", "only a resolved alert is judged a second time")
    if alert.verdict is None or alert.resolver is None:
        raise ConflictError("no_first_verdict", "the alert ended by itself: no verdict to compare")
    if action.actor == alert.resolver:
        raise ConflictError("own_verdict", "who resolved an alert does not review it")
    if action.actor in alert.judges:
        raise ConflictError("already_reviewed", "a person reviews an alert once")
    return Entry(
        alert=alert.id,
        student=alert.student,
        sequence=alert.sequence + 1,
        kind="reviewed",
        level=alert.level,
        reason=(Reason.REVIEWED if verdict else Reason.REVIEW_DECLINED).value,
        at=action.as_of,
        track="person",
        effect="action",
        track_level="none",
        evidence=action.id,
        tier=action.tier,
        actor=action.actor,
        verdict=verdict,
        traceparent=action.traceparent,
    )
