"""What people do with an alert: acknowledge, set the level, resolve, retry a message.

Only here is red set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from alerts.domain.alert import ModelTrack, OpenAlert, StudentState, highest, lowest, rank
from alerts.domain.policy import Policy
from alerts.domain.reasons import LEVEL_REASONS, Reason
from alerts.domain.settle import Decision, Step, settle
from shared.contracts.alert import Level, Tier, Verdict
from shared.kernel.errors import ConflictError, RuleBrokenError


@dataclass(frozen=True)
class Action:
    """One act of one person on the student's open alert; `as_of` is the moment of the act."""

    id: str
    as_of: datetime
    actor: str
    tier: Tier
    traceparent: str | None = None


Act = Callable[[StudentState, Action, Policy], Decision]


def acknowledge(state: StudentState, action: Action, policy: Policy) -> Decision:
    """Say that a tier has taken the alert up; a second time changes nothing."""
    alert = _open(state)
    if action.tier in alert.acknowledged_by:
        return Decision(state, Reason.ACKNOWLEDGED)
    step = Step(Reason.ACKNOWLEDGED, "action", tier=action.tier, actor=action.actor)
    return settle(state, step, action, policy)


def retry_message(state: StudentState, action: Action, policy: Policy) -> Decision:
    """Note that a person had a message tried again that had been given up; nothing else moves."""
    _open(state)
    step = Step(Reason.MESSAGE_RETRIED, "action", tier=action.tier, actor=action.actor)
    return settle(state, step, action, policy)


def set_level(to: Level, reason: Reason) -> Act:
    """Return the act of a person who rules on the level; the tracks below follow downwards.

    Raises:
        RuleBrokenError: the level is unknown or none, or the reason is not one for levels.
    """
    if rank(to) == 0:
        raise RuleBrokenError("level_none", "an alert ends by a verdict, not by level none")
    if reason not in LEVEL_REASONS:
        raise RuleBrokenError("unknown_reason", "not a reason for a level", field="reason")

    def act(state: StudentState, action: Action, policy: Policy) -> Decision:
        alert = _open(state)
        if to == alert.level and state.person == to:
            return Decision(state, reason)
        rule = replace(state.rule, level=lowest(state.rule.level, to), red_clock_until=None)
        step = Step(
            reason,
            "rose" if rank(to) > rank(alert.level) else "fell",
            model=_answered(state.model, lowest(state.model.level, to)),
            rule=rule,
            person=to,
            tier=action.tier,
            actor=action.actor,
        )
        return settle(state, step, action, policy)

    return act


def resolve(verdict: Verdict, note: str | None = None) -> Act:
    """Return the act of a person who ends the alert with one of the five verdicts.

    `note` is a code, never free text; it stands as the reason where given.
    """

    def act(state: StudentState, action: Action, policy: Policy) -> Decision:
        _open(state)
        step = Step(
            Reason(note) if note else Reason.RESOLVED,
            "action",
            model=_answered(state.model, "none"),
            rule=replace(state.rule, level="none", red_clock_until=None),
            person="none",
            tier=action.tier,
            actor=action.actor,
            verdict=verdict,
        )
        return settle(state, step, action, policy)

    return act


def _open(state: StudentState) -> OpenAlert:
    if state.alert is None:
        raise ConflictError("alert_resolved", "the alert has been resolved")
    return state.alert


def _answered(track: ModelTrack, level: Level) -> ModelTrack:
    """Note that a person has dealt with the evidence: the model must bring more to rise again."""
    return replace(
        track,
        level=level,
        answered=highest(track.answered, track.level, track.band),
        answered_at=track.as_of,
        clean_reviews=0,
        clean_since=None,
    )
