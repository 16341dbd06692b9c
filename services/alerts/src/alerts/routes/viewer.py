"""Who is looking: rows and tier of a caller, what stays hidden, what the caller may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from alerts.domain.policy import Policy
from alerts.domain.views import AlertRecord, tier_for
from alerts.models import Deed
from alerts.routes.ports import Alerts
from shared.auth.actor import Actor
from shared.auth.permission import Action, Rows, Scope, allowed, require, visible
from shared.contracts.alert import Tier
from shared.kernel.errors import ConflictError, ForbiddenError, NotFoundError


@dataclass(frozen=True)
class Look:
    """How one caller sees one alert: its tier, whether without verdicts, and what it may do."""

    tier: Tier
    is_blind: bool
    may: tuple[Deed, ...]


def rows_of(actor: Actor) -> Rows:
    """Return the caller's rows; raises ForbiddenError without any."""
    return visible(actor, "alert.read")


def rows_to_review(actor: Actor) -> Rows:
    """Return where the caller may give second verdicts; for most roles nowhere."""
    try:
        return visible(actor, "alert.review")
    except ForbiddenError:
        return Rows()


def tier_of(rows: Rows, record: AlertRecord) -> Tier:
    """Return the tier of a row that came out of a scoped query; the narrowest when in doubt."""
    if record.school is None and rows.schools:
        return "school"
    return tier_for(rows, record) or "team"


async def seen_alert(alerts: Alerts, actor: Actor, alert: str) -> tuple[AlertRecord, Tier]:
    """Return an alert that the caller may know of, with the caller's tier in it.

    Raises:
        NotFoundError: unknown, or outside the caller's scope: the answers do not differ.
    """
    rows = rows_of(actor)
    record = await alerts.get(alert, rows)
    if record is None:
        raise NotFoundError("alert_unknown", "there is no such alert")
    return record, tier_of(rows, record)


def may(actor: Actor, action: Action, record: AlertRecord) -> None:
    """Check an action on one alert; raises ForbiddenError."""
    require(actor, action, _scope(record))


def may_review(actor: Actor, record: AlertRecord, policy: Policy) -> None:
    """Check that the caller may give a second verdict; raises ForbiddenError or ConflictError."""
    may(actor, "alert.review", record)
    if record.college not in policy.second_verdicts:
        raise ConflictError(
            "no_second_verdicts", "the policy asks for no second verdicts in this college"
        )


async def looks_at(
    alerts: Alerts, actor: Actor, records: Sequence[AlertRecord], policy: Policy
) -> dict[str, Look]:
    """Return how the caller sees each of some alerts."""
    rows = rows_of(actor)
    blind = await _blind_to(alerts, actor, records, policy)
    return {each.id: _look(actor, rows, each, is_blind=each.id in blind) for each in records}


def _look(actor: Actor, rows: Rows, record: AlertRecord, *, is_blind: bool) -> Look:
    tier = tier_of(rows, record)
    deeds = {
        "acknowledge": record.status != "resolved"
        and tier not in record.acknowledged_by
        and allowed(actor, "alert.acknowledge", _scope(record)),
        "resolve": record.status != "resolved" and allowed(actor, "alert.resolve", _scope(record)),
        "review": is_blind and record.verdict is not None,
    }
    return Look(tier, is_blind, tuple(cast("Deed", name) for name, can in deeds.items() if can))


async def _blind_to(
    alerts: Alerts, actor: Actor, records: Sequence[AlertRecord], policy: Policy
) -> frozenset[str]:
    """Return the alerts whose verdicts the caller is not shown: may review, has not judged yet.

    In a college for which the policy asks no second verdicts nothing is hidden.
    """
    asked = (r for r in records if r.college in policy.second_verdicts)
    open_to = frozenset(r.id for r in asked if allowed(actor, "alert.review", _scope(r)))
    return open_to - await alerts.judged_by(actor.id, open_to) if open_to else open_to


def _scope(record: AlertRecord) -> Scope:
    return Scope(
        school=record.school, college=record.college, team=record.team, student=record.student
    )
