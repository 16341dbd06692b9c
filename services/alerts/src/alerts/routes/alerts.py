"""Reading alerts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from alerts.domain.policy import Policy
from alerts.domain.views import Filter
from alerts.models import AlertDetail, AlertLevel, AlertPage, Id, StatusFilter
from alerts.routes.answers import answers
from alerts.routes.cursor import cursor_of, place_of
from alerts.routes.ports import Alerts
from alerts.routes.render import alert_detail, alert_out
from alerts.routes.viewer import looks_at, rows_of, rows_to_review, seen_alert
from shared.auth.actor import Actor
from shared.auth.http import Authenticate

AlertId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,80}$")]
Cursor = Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9_=-]+$")]
Limit = Annotated[int, Query(ge=1, le=200)]


def alert_routes(alerts: Alerts, policy: Policy, authenticate: Authenticate) -> APIRouter:
    """Return the list and the single alert."""
    router = APIRouter(tags=["alerts"])
    caller = Depends(authenticate)

    @router.get("/v1/alerts", responses=answers(400))
    async def list_alerts(
        actor: Annotated[Actor, caller],
        *,
        status: Annotated[StatusFilter, Query()] = "active",
        level: Annotated[AlertLevel | None, Query()] = None,
        college: Annotated[Id | None, Query()] = None,
        student: Annotated[Id | None, Query()] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> AlertPage:
        """List alerts, newest first, each in the view of the caller's tier.

        A filter on the level never finds alerts whose level the caller may not know. `to_review`:
        another person resolved it, nobody has given a second verdict, and the caller may.
        """
        rows = rows_of(actor)
        wanted = Filter(
            status=status,
            level=level,
            college=college,
            student=student,
            limit=limit,
            after=place_of(cursor) if cursor else None,
            reviewer=actor.id,
            reviewed_in=policy.second_verdicts,
        )
        found = await alerts.list(wanted, rows_to_review(actor) if status == "to_review" else rows)
        more = cursor_of(found[-1]) if len(found) == limit else None
        looks = await looks_at(alerts, actor, found, policy)
        return AlertPage(
            alerts=[alert_out(each, looks[each.id], policy) for each in found], next=more
        )

    @router.get("/v1/alerts/{alert}", responses=answers(404))
    async def show_alert(actor: Annotated[Actor, caller], alert: AlertId) -> AlertDetail:
        """Return one alert with its history, in the view of the caller's tier."""
        return await detail_for(alerts, actor, alert, policy)

    return router


async def detail_for(alerts: Alerts, actor: Actor, alert: str, policy: Policy) -> AlertDetail:
    """Return an alert as the caller sees it now."""
    record, _ = await seen_alert(alerts, actor, alert)
    lines = await alerts.history(alert)
    looks = await looks_at(alerts, actor, [record], policy)
    return alert_detail(record, lines, looks[alert], policy)
