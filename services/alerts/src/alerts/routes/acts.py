"""What people do with an alert."""

from typing import Annotated

from fastapi import APIRouter, Depends

from alerts.domain.persons import Act, acknowledge, resolve, set_level
from alerts.domain.policy import Policy
from alerts.domain.reasons import Reason
from alerts.models import AlertDetail, LevelIn, ResolveIn
from alerts.routes.alerts import AlertId
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts
from alerts.routes.render import alert_detail
from alerts.routes.viewer import may, seen_alert
from alerts.service import AlertService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import Action
from shared.observability.tracing import current


def act_routes(
    service: AlertService, alerts: Alerts, policy: Policy, authenticate: Authenticate
) -> APIRouter:
    """Return acknowledge, resolve and the ruling on the level."""
    router = APIRouter(tags=["acts"])
    caller = Depends(authenticate)

    async def done(actor: Actor, alert: str, action: Action, act: Act) -> AlertDetail:
        record, tier = await seen_alert(alerts, actor, alert)
        may(actor, action, record)
        await service.act(alert, act, actor=actor.id, tier=tier, trace=current())
        record, tier = await seen_alert(alerts, actor, alert)
        return alert_detail(record, await alerts.history(alert), tier, policy)

    @router.post("/v1/alerts/{alert}/acknowledge", responses=answers(404, 409))
    async def acknowledge_alert(actor: Annotated[Actor, caller], alert: AlertId) -> AlertDetail:
        """Take an alert up for the caller's tier; a second time changes nothing."""
        return await done(actor, alert, "alert.acknowledge", acknowledge)

    @router.post("/v1/alerts/{alert}/resolve", responses=answers(400, 404, 409))
    async def resolve_alert(
        actor: Annotated[Actor, caller], alert: AlertId, body: ResolveIn
    ) -> AlertDetail:
        """End an alert with one of the five verdicts."""
        return await done(actor, alert, "alert.resolve", resolve(body.verdict, body.note))

    @router.post("/v1/alerts/{alert}/level", responses=answers(400, 404, 409))
    async def rule_on_level(
        actor: Annotated[Actor, caller], alert: AlertId, body: LevelIn
    ) -> AlertDetail:
        """Raise or lower an alert as a person; the only way to red, and the reason is kept."""
        act = set_level(body.level, Reason(body.reason))
        return await done(actor, alert, "alert.resolve", act)

    return router
