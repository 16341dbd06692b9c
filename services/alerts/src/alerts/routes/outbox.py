"""For staff: what is handed over to people and the log, and another try for what was given up."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from alerts.domain.ports import Recipients
from alerts.models import Id, OutboxItemOut, OutboxPage
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts, OutboxView
from alerts.routes.viewer import may, seen_alert
from alerts.service import AlertService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.kernel.errors import ConflictError, DeliveryError, NotFoundError, ServiceAwayError
from shared.kernel.trace import trace_id
from shared.observability.tracing import current

LaneName = Literal["publication", "console", "route", "message"]
StateName = Literal["pending", "sending", "sent", "dead"]
Number = Annotated[int, Path(ge=1, le=2**62)]


@dataclass(frozen=True)
class Desk:
    """What the routes of the outbox work with."""

    service: AlertService
    alerts: Alerts
    outbox: OutboxView
    recipients: Recipients


def outbox_routes(desk: Desk, authenticate: Authenticate) -> APIRouter:
    """Return the list and the retry."""
    router = APIRouter(tags=["staff"])
    caller = Depends(authenticate)
    outbox = desk.outbox

    @router.get("/v1/outbox", responses=answers())
    async def list_outbox(
        actor: Annotated[Actor, caller],
        *,
        lane: Annotated[LaneName | None, Query()] = None,
        state: Annotated[StateName | None, Query()] = None,
        alert: Annotated[Id | None, Query()] = None,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> OutboxPage:
        """List messages and publications, newest first, with the state of each."""
        require(actor, "outbox.read")
        found = await outbox.list(lane=lane, state=state, alert=alert, before=before, limit=limit)
        items = [_item(row) for row in found]
        return OutboxPage(items=items, next=items[-1].number if len(items) == limit else None)

    @router.post("/v1/outbox/{number}/retry", responses=answers(404, 409))
    async def retry(actor: Annotated[Actor, caller], number: Number) -> OutboxItemOut:
        """Try a message again that was given up, to the person's address of today.

        The alert's history says who asked for it. The key stays, so that a provider knows a repeat.
        """
        require(actor, "outbox.retry")
        row = await outbox.get(number)
        if row is None:
            raise NotFoundError("message_unknown", "there is no such message")
        record, tier = await seen_alert(desk.alerts, actor, row.alert)
        may(actor, "outbox.retry", record)
        if row.state != "dead":
            raise ConflictError("not_dead", "only what was given up can be tried again")
        address = await _address(desk.recipients, row) if row.lane == "message" else None
        await desk.service.retry(
            number, row.alert, address, actor=actor.id, tier=tier, trace=current()
        )
        return _item(await outbox.get(number))

    return router


async def _address(recipients: Recipients, row: Any) -> str:  # noqa: ANN401 - a row of the outbox
    """Return where the person is reached today: a finished message keeps no address.

    Raises:
        ConflictError: this person is not reached there any more.
        ServiceAwayError: directory cannot say now.
    """
    try:
        found = await recipients.of(row.student, row.tier)
    except DeliveryError as error:
        raise ServiceAwayError(f"directory: {error.code}") from None
    for each in found:
        if (each.person, each.channel) == (row.person, row.channel):
            return each.address
    raise ConflictError("recipient_gone", "this person is not reached this way any more")


def _item(row: Any) -> OutboxItemOut:  # noqa: ANN401 - a row of the outbox
    waits = row.state == "pending" and row.attempts > 0
    return OutboxItemOut(
        number=row.number,
        key=row.key,
        lane=row.lane,
        state=row.state,
        alert=row.alert,
        tier=row.tier,
        channel=row.channel,
        person=row.person,
        attempts=row.attempts,
        held_until=_iso(row.next_attempt_at) if waits else None,
        held_because="retry" if waits else "lease" if row.state == "sending" else None,
        code=row.code,
        receipt=row.receipt,
        trace_id=trace_id(row.traceparent) if row.traceparent else None,
        created_at=_iso(row.created_at) or "",
        finished_at=_iso(row.finished_at),
    )


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
