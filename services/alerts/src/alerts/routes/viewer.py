"""Who is looking: the rows that a caller may see, the tier of an alert, and what stays hidden."""

from collections.abc import Iterable

from alerts.domain.views import AlertRecord, tier_for
from alerts.routes.ports import Alerts
from shared.auth.actor import Actor
from shared.auth.permission import Action, Rows, Scope, allowed, require, visible
from shared.contracts.alert import Tier
from shared.kernel.errors import NotFoundError


def rows_of(actor: Actor) -> Rows:
    """Return the caller's rows; raises ForbiddenError without any."""
    return visible(actor, "alert.read")


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


async def blind_to(alerts: Alerts, actor: Actor, records: Iterable[AlertRecord]) -> frozenset[str]:
    """Return the alerts whose verdicts the caller is not shown: may review, has not judged yet."""
    open_to = frozenset(r.id for r in records if allowed(actor, "alert.review", _scope(r)))
    return open_to - await alerts.judged_by(actor.id, open_to) if open_to else open_to


def _scope(record: AlertRecord) -> Scope:
    return Scope(
        school=record.school, college=record.college, team=record.team, student=record.student
    )
