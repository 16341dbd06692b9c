"""For staff and programs: what is withheld, and the digest of all alerts."""

from typing import Annotated

from fastapi import APIRouter, Depends

from alerts.models import DeadFeedOut, DigestOut, InhibitionsOut
from alerts.routes.answers import answers
from alerts.routes.ports import Alerts, Feeds
from alerts.routes.viewer import rows_of
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require


def staff_routes(alerts: Alerts, feeds: Feeds, authenticate: Authenticate) -> APIRouter:
    """Return the inhibitions and the digest."""
    router = APIRouter(tags=["staff"])
    caller = Depends(authenticate)

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
