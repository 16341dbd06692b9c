"""For staff and programs: the outbox, what is withheld, and the digest of all alerts."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from alerts.models import (
    DeadFeedOut,
    DigestOut,
    Id,
    InhibitionsOut,
    OutboxItemOut,
    OutboxPage,
)
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts, Feeds, OutboxView
from alerts.routes.viewer import rows_of
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require

LaneName = Literal["publication", "console", "route", "message"]
StateName = Literal["pending", "sending", "sent", "dead"]


def staff_routes(
    alerts: Alerts, outbox: OutboxView, feeds: Feeds, authenticate: Authenticate
) -> APIRouter:
    """Return the outbox, the inhibitions and the digest."""
    router = APIRouter(tags=["staff"])
    caller = Depends(authenticate)

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

    @router.get("/v1/inhibitions", responses=answers())
    async def list_inhibitions(actor: Annotated[Actor, caller]) -> InhibitionsOut:
        """Say which feeds are dead: evidence of absence that rests on them is withheld."""
        rows_of(actor)
        return InhibitionsOut(
            feeds=[DeadFeedOut(feed=feed, since=since) for feed, since in await feeds.dead()]
        )

    @router.get("/v1/state/digest", responses=answers())
    async def show_digest(actor: Annotated[Actor, caller]) -> DigestOut:
        """Return a hash of all alerts that two runs over the same events share."""
        require(actor, "state.digest")
        digest, students = await alerts.digest()
        return DigestOut(alerts=digest, students=students)

    return router


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
        created_at=_iso(row.created_at) or "",
        finished_at=_iso(row.finished_at),
    )


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
