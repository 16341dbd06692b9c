"""Joins the routes of this service."""

from dataclasses import dataclass

from fastapi import APIRouter

from alerts.domain.policy import Policy
from alerts.domain.ports import Recipients
from alerts.routes.acts import act_routes
from alerts.routes.alerts import alert_routes
from alerts.routes.outbox import Desk, outbox_routes
from alerts.routes.page import page_routes
from alerts.routes.policy import policy_routes
from alerts.routes.ports import Alerts, Feeds, OutboxView, Watching
from alerts.routes.staff import staff_routes
from alerts.routes.stream import stream_routes
from alerts.service import AlertService
from shared.auth.http import Authenticate


@dataclass(frozen=True)
class Parts:
    """What the routes work with."""

    service: AlertService
    alerts: Alerts
    outbox: OutboxView
    feeds: Feeds
    recipients: Recipients
    watching: Watching
    policy: Policy
    timezone: str


def build_router(parts: Parts, authenticate: Authenticate) -> APIRouter:
    """Return all routes; the stream comes before `/{id}`, which would swallow it."""
    router = APIRouter()
    for each in (
        page_routes(parts.timezone),
        stream_routes(parts.alerts, parts.watching, parts.policy, authenticate),
        alert_routes(parts.alerts, parts.policy, authenticate),
        act_routes(parts.service, parts.alerts, parts.policy, authenticate),
        policy_routes(parts.policy, parts.recipients, authenticate),
        outbox_routes(
            Desk(parts.service, parts.alerts, parts.outbox, parts.recipients), authenticate
        ),
        staff_routes(parts.alerts, parts.feeds, authenticate),
    ):
        router.include_router(each)
    return router
