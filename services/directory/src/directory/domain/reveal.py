"""May an identity be opened? Pure decisions with their reasons.

Above yellow two different persons are needed; an unknown level counts as above. Break-glass opens
at once and is marked for review.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from shared.auth.actor import Actor
from shared.auth.permission import Reason, Scope, allowed

Level = Literal["none", "blue", "yellow", "orange", "red"]
Duty = Literal["talk", "assessment", "referral", "emergency", "case_review", "administration"]
Status = Literal["pending", "approved", "opened"]
ONE_PERSON_LEVELS: frozenset[Level] = frozenset({"none", "blue", "yellow"})
PENDING_FOR = timedelta(minutes=15)


class RevealReason(StrEnum):
    """Why a reveal went as it did: in the answer, the audit and the metric."""

    WITHIN_DUTY = "within_duty"
    APPROVED_BY_SECOND = "approved_by_second"
    BREAK_GLASS = "break_glass"
    SECOND_PERSON_NEEDED = "second_person_needed"
    NOT_PERMITTED = "not_permitted"
    NOT_IN_CASELOAD = "not_in_caseload"
    UNKNOWN_STUDENT = "unknown_student"
    PERSON_LEFT = "person_left"
    SAME_PERSON = "same_person"
    NOT_PENDING = "not_pending"
    EXPIRED = "expired"
    NOT_THE_REQUESTER = "not_the_requester"


@dataclass(frozen=True)
class RevealRequest:
    """What a caller asks for and why."""

    student: str
    duty: Duty
    reason: str
    level: Level | None = None
    break_glass: bool = False


@dataclass(frozen=True)
class Reveal:
    """A reveal that was allowed or awaits a second person."""

    id: str
    request: RevealRequest
    requested_by: str
    status: Status
    expires_at: datetime
    approved_by: str | None = None
    needs_review: bool = False
    reviewed_by: str | None = None


@dataclass(frozen=True)
class RevealDecision:
    """`open` shows the identity now, `wait` asks for a second person, `refuse` does neither."""

    outcome: Literal["open", "wait", "refuse"]
    reason: RevealReason


def decide_request(
    actor: Actor, request: RevealRequest, scope: Scope | None, *, has_left: bool
) -> RevealDecision:
    """Decide a first request; `scope` is None for a student that nobody knows."""
    refusal = _refusal(actor, scope, has_left=has_left)
    if refusal:
        return RevealDecision("refuse", refusal)
    if request.break_glass:
        return RevealDecision("open", RevealReason.BREAK_GLASS)
    if request.level in ONE_PERSON_LEVELS:
        return RevealDecision("open", RevealReason.WITHIN_DUTY)
    return RevealDecision("wait", RevealReason.SECOND_PERSON_NEEDED)


def decide_approval(
    actor: Actor, reveal: Reveal, scope: Scope | None, now: datetime, *, has_left: bool
) -> RevealDecision:
    """Decide whether this second person may approve."""
    refusal = _refusal(actor, scope, has_left=has_left)
    if refusal:
        return RevealDecision("refuse", refusal)
    if actor.id == reveal.requested_by:
        return RevealDecision("refuse", RevealReason.SAME_PERSON)
    if reveal.status != "pending":
        return RevealDecision("refuse", RevealReason.NOT_PENDING)
    if now >= reveal.expires_at:
        return RevealDecision("refuse", RevealReason.EXPIRED)
    return RevealDecision("open", RevealReason.APPROVED_BY_SECOND)


def decide_opening(
    actor: Actor, reveal: Reveal, scope: Scope | None, now: datetime, *, has_left: bool
) -> RevealDecision:
    """Decide whether the requester may now see what was approved: once, and for a limited time."""
    if actor.id != reveal.requested_by:
        return RevealDecision("refuse", RevealReason.NOT_THE_REQUESTER)
    refusal = _refusal(actor, scope, has_left=has_left)
    if refusal:
        return RevealDecision("refuse", refusal)
    if reveal.status == "pending" and now < reveal.expires_at:
        return RevealDecision("wait", RevealReason.SECOND_PERSON_NEEDED)
    if reveal.status == "opened":
        return RevealDecision("refuse", RevealReason.NOT_PENDING)
    if now >= reveal.expires_at:
        return RevealDecision("refuse", RevealReason.EXPIRED)
    return RevealDecision("open", RevealReason.APPROVED_BY_SECOND)


def _refusal(actor: Actor, scope: Scope | None, *, has_left: bool) -> RevealReason | None:
    if has_left:
        return RevealReason.PERSON_LEFT
    decision = allowed(actor, "identity.reveal", scope or Scope())
    if decision.reason in (Reason.NO_ROLE, Reason.ACTION_NOT_GRANTED):
        return RevealReason.NOT_PERMITTED
    if scope is None:
        return RevealReason.UNKNOWN_STUDENT
    return None if decision else RevealReason.NOT_IN_CASELOAD
