"""The live stream of alerts (server-sent events), scoped like the list.

`Last-Event-ID` replays from the table what was missed: lines are numbered in the order in which
they become visible, so after the last number seen nothing lower appears.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from alerts.domain.policy import Policy
from alerts.models import AlertChange
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts, Watching
from alerts.routes.render import alert_out, change_kind
from alerts.routes.viewer import looks_at, rows_of
from shared.auth.actor import Actor
from shared.auth.http import Authenticate

_POLL_S = 1.0
_RETRY_MS = 2000


def stream_routes(
    alerts: Alerts, watching: Watching, policy: Policy, authenticate: Authenticate
) -> APIRouter:
    """Return the stream."""
    router = APIRouter(tags=["alerts"])

    def allowed_in(actor: Annotated[Actor, Depends(authenticate)]) -> Actor:
        rows_of(actor)
        return actor

    @router.get("/v1/alerts/stream", response_class=EventSourceResponse, responses=answers())
    async def stream(
        actor: Annotated[Actor, Depends(allowed_in)],
        last_event_id: Annotated[int | None, Header(ge=0, le=2**62)] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """Send each change of an alert as it happens; a comment every 15 s keeps the line open."""
        start = await alerts.last_number() if last_event_id is None else last_event_id
        yield ServerSentEvent(event="ready", data={"from": start}, retry=_RETRY_MS)
        tail = _Tail(alerts, actor, policy, start)
        with watching.watch() as woken:
            while True:
                for event in await tail.news():
                    yield event
                try:
                    await asyncio.wait_for(woken.wait(), _POLL_S)
                except TimeoutError:
                    continue
                woken.clear()

    return router


class _Tail:
    """What one viewer has been sent, and what is new for that viewer."""

    def __init__(self, alerts: Alerts, actor: Actor, policy: Policy, start: int) -> None:
        self._alerts = alerts
        self._actor = actor
        self._rows = rows_of(actor)
        self._policy = policy
        self._last = start

    async def news(self) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        found = await self._alerts.since(self._last, self._rows)
        records = [record for _, record in found]
        looks = await looks_at(self._alerts, self._actor, records, self._policy)
        for line, record in found:
            self._last = line.number
            kind = change_kind(line, looks[record.id].tier)
            if kind is not None:
                shown = alert_out(record, looks[record.id], self._policy)
                change = AlertChange(kind=kind, alert=shown)
                events.append(ServerSentEvent(event="alert", id=str(line.number), data=change))
        return events
