"""What people do with an alert."""

from typing import Annotated

from fastapi import APIRouter, Depends

from alerts.domain.persons import Act, acknowledge, resolve, set_level
from alerts.domain.policy import Policy
from alerts.domain.reasons import Reason
from alerts.models import AlertDetail, LevelIn, ResolveIn, ReviewIn
from alerts.routes.alerts import AlertId, detail_for
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts
from alerts.routes.viewer import may, seen_alert
from alerts.service import AlertService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import Action
from shared.observability.tracing import current


def act_routes(
    service: AlertService, alerts: Alerts, policy: Policy, authenticate: Authenticate
) -> APIRouter:
    """Return acknowledge, resolve, the ruling on the level and the second verdict."""
    router = APIRouter(tags=["acts"])
    caller = Depends(authenticate)

    async def done(actor: Actor, alert: str, action: Action, act: Act) -> AlertDetail:
        record, tier = await seen_alert(alerts, actor, alert)
        may(actor, action, record)
        await service.act(alert, act, actor=actor.id, tier=tier, trace=current())
        return await detail_for(alerts, actor, alert, policy)

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

    @router.post("/v1/alerts/{alert}/review", responses=answers(404, 409))
    async def review_alert(
        actor: Annotated[Actor, caller], alert: AlertId, body: ReviewIn
    ) -> AlertDetail:
        """Judge an alert that another person resolved, once and before seeing that verdict.

        The alert stays as it was and nobody is told. The answer shows all verdicts.
        """
        record, tier = await seen_alert(alerts, actor, alert)
        may(actor, "alert.review", record)
        await service.review(alert, body.verdict, actor=actor.id, tier=tier, trace=current())
        return await detail_for(alerts, actor, alert, policy)

    return router
