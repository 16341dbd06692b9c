"""`POST /v1/ticks`: close a replay, or move time in a simulation."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ingest.models import TickIn, TickOut
from ingest.routes.responses import problems
from ingest.service import IngestService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require


def build_ticks_router(service: IngestService, authenticate: Authenticate) -> APIRouter:
    """Return the router of ticks."""
    router = APIRouter(tags=["ticks"])

    @router.post("/v1/ticks", responses=problems(400, 401, 403, 422, 503))
    async def post_tick(body: TickIn, actor: Annotated[Actor, Depends(authenticate)]) -> TickOut:
        """Publish a tick at a moment to every partition; a moment already passed changes nothing.

        When ticks follow event time, the boundaries before that moment are ticked first.
        """
        require(actor, "tick.write")
        return TickOut(published=await service.tick(body.time))

    return router
