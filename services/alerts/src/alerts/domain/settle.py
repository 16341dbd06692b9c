"""From a step of one track to the alert: opened, raised, lowered, joined, ended, and who hears."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from alerts.domain.alert import (
    Effect,
    Entry,
    ModelTrack,
    Notice,
    OpenAlert,
    RuleTrack,
    Status,
    StudentState,
    Track,
    highest,
    rank,
)
from alerts.domain.policy import Policy
from alerts.domain.reasons import Reason
from shared.contracts.alert import AlertEventKind, Level, Tier, Verdict
from shared.kernel.ids import stable_id


class Cause(Protocol):
    """What a step rests on: evidence, or a person's action; no decision looks at its trace."""

    @property
    def id(self) -> str: ...
    @property
    def as_of(self) -> datetime: ...
    @property
    def traceparent(self) -> str | None: ...


class Step(Struct, frozen=True, gc=False):
    """What one track did; without `effect` nothing joins the history.

    `is_supported`: the model's evidence still carries the level of its track.
    """

    reason: Reason
    effect: Effect | None
    model: ModelTrack | None = None
    rule: RuleTrack | None = None
    person: Level | None = None
    track_level: Level | None = None
    tier: Tier | None = None
    actor: str | None = None
    verdict: Verdict | None = None
    is_supported: bool = False

    @property
    def track(self) -> Track:
        if self.actor is not None:
            return "person"
        return "rule" if self.rule is not None else "model"


class Decision(Struct, frozen=True, gc=False):
    """The outcome: the state after, why, what joins the history and who is to be told.

    `alert` is the alert as it now stands, also when this ended it; None where it did not change.
    """

    state: StudentState
    reason: Reason
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    alert: OpenAlert | None = None


def settle(state: StudentState, step: Step, cause: Cause, policy: Policy) -> Decision:
    """Apply a step and let the alert follow the highest track."""
    after = replace(
        state,
        model=step.model or state.model,
        rule=step.rule or state.rule,
        person=step.person or state.person,
    )
    ends_trial = _ends_trial(state.alert, step, policy)
    if ends_trial and step.effect is None:
        step = replace(step, effect="signal")
    if step.effect is None:
        return Decision(after, step.reason)
    kind = _kind(state.alert, after.level, step)
    is_news = kind in ("opened", "raised") or ends_trial or _is_new_evidence(state.alert, step)
    alert = _alert(state.alert, after, step, cause=cause, kind=kind, is_news=is_news)
    entry = _entry(after, alert, step, cause=cause, kind=kind)
    is_silent = policy.is_silent and step.track == "model" and is_news
    notices = _notices(alert, after, cause, policy) if alert and is_news and not is_silent else ()
    if alert is None:
        return Decision(after, step.reason, (entry,))
    told = tuple(dict.fromkeys((*alert.told, *(notice.tier for notice in notices))))
    is_silent = not told and not ends_trial and (is_silent or alert.is_silent)
    alert = replace(alert, told=told, is_silent=is_silent)
    kept = None if alert.status == "resolved" else alert
    return Decision(replace(after, alert=kept), step.reason, (entry,), notices, alert)


def _kind(alert: OpenAlert | None, level: Level, step: Step) -> AlertEventKind:
    before = alert.level if alert else "none"
    if step.verdict is not None:
        return "resolved"
    if step.reason is Reason.ACKNOWLEDGED:
        return "acknowledged"
    if step.reason is Reason.MESSAGE_RETRIED:
        return "notified"
    if rank(level) > rank(before):
        return "raised" if alert else "opened"
    if rank(level) < rank(before):
        return "lowered" if level != "none" else "resolved"
    return "withheld" if step.effect == "withheld" else "signal"


def _alert(
    alert: OpenAlert | None,
    after: StudentState,
    step: Step,
    *,
    cause: Cause,
    kind: AlertEventKind,
    is_news: bool,
) -> OpenAlert | None:
    if alert is None:
        if kind != "opened":
            return None
        alert = OpenAlert(
            id=alert_id(after.student, cause.id),
            opened_by=cause.id,
            opened_at=cause.as_of,
            level=after.level,
            updated_at=cause.as_of,
        )
    return replace(
        alert,
        level=alert.level if kind == "resolved" else after.level,
        sequence=alert.sequence + 1,
        updated_at=max(alert.updated_at, cause.as_of),
        status=_status(alert, kind, is_news=is_news),
        acknowledged_by=_acknowledged(alert, step, is_news=is_news),
        reason=step.reason.value if kind in ("opened", "raised", "lowered") else alert.reason,
        reasons=_reasons(alert, step),
        verdict=step.verdict,
    )


def alert_id(student: str, evidence: str) -> str:
    """Return the id of the alert that this evidence opens."""
    return stable_id("alert", student, evidence)


def _status(alert: OpenAlert, kind: AlertEventKind, *, is_news: bool) -> Status:
    if kind == "resolved":
        return "resolved"
    if kind == "acknowledged":
        return "acknowledged"
    return "open" if is_news else alert.status


def _acknowledged(alert: OpenAlert, step: Step, *, is_news: bool) -> tuple[Tier, ...]:
    if step.reason is Reason.ACKNOWLEDGED and step.tier is not None:
        return tuple(dict.fromkeys((*alert.acknowledged_by, step.tier)))
    return () if is_news and step.actor is None else alert.acknowledged_by


def _reasons(alert: OpenAlert, step: Step) -> tuple[str, ...]:
    """Return what the level rests on; taking up, ending and telling again are no reasons for it."""
    if step.effect == "action":
        return alert.reasons
    return tuple(dict.fromkeys((*alert.reasons, step.reason.value)))


def _is_new_evidence(alert: OpenAlert | None, step: Step) -> bool:
    """Recognise an urgent signal of a kind that this alert has not had: it is told anew."""
    if alert is None:
        return False
    return step.rule is not None and step.actor is None and step.reason.value not in alert.reasons


def _ends_trial(alert: OpenAlert | None, step: Step, policy: Policy) -> bool:
    """Recognise what a silent trial kept back and still stands now that the trial has ended."""
    return alert is not None and alert.is_silent and not policy.is_silent and step.is_supported


def _entry(
    after: StudentState, alert: OpenAlert | None, step: Step, *, cause: Cause, kind: AlertEventKind
) -> Entry:
    level_of_track = {"model": after.model.level, "rule": after.rule.level, "person": after.person}
    return Entry(
        alert=alert.id if alert else alert_id(after.student, cause.id),
        student=after.student,
        sequence=alert.sequence if alert else 1,
        kind=kind,
        level=alert.level if alert else after.level,
        reason=step.reason.value,
        at=cause.as_of,
        track=step.track,
        effect=step.effect or "signal",
        track_level=step.track_level or level_of_track[step.track],
        evidence=cause.id,
        assessment=after.model.assessment if step.track == "model" else None,
        tier=step.tier,
        actor=step.actor,
        verdict=step.verdict,
        traceparent=cause.traceparent,
    )


def _notices(
    alert: OpenAlert, after: StudentState, cause: Cause, policy: Policy
) -> tuple[Notice, ...]:
    """Name the tiers to tell: on opening, on rising, and on evidence of a new kind.

    In a silent trial the model's level does not show in who is told: rules and people decide.
    """
    level = highest(after.rule.level, after.person) if policy.is_silent else alert.level
    rules = policy.levels.get(level)
    return tuple(
        Notice(alert.id, after.student, alert.sequence, tier, level, cause.traceparent)
        for tier in (rules.tiers if rules else ())
    )
