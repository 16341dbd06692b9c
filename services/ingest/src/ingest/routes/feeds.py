"""The feed registry."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from ingest.domain.feed import FEED_ID, Feed
from ingest.domain.ledger import Counts
from ingest.models import (
    FeedBody,
    FeedIn,
    FeedOut,
    FeedPatch,
    FeedsOut,
)
from ingest.routes.counts import counts_out
from ingest.routes.responses import problems
from ingest.service.feeds import FeedChange, FeedService
from ingest.service.statuses import Statuses
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.contracts.feed import FeedStatus
from shared.kernel.clock import Clock

FeedPath = Annotated[str, Path(pattern=FEED_ID, max_length=64)]
READ = problems(401, 403, 404, 422, 503)
WRITE = problems(400, 401, 403, 404, 409, 422, 503)


def build_feeds_router(
    feeds: FeedService,
    statuses: Statuses,
    authenticate: Authenticate,
    *,
    clock: Clock,
    default_rate_per_s: float,
) -> APIRouter:
    """Return the router of the feed registry."""
    router = APIRouter(tags=["feeds"])
    caller = Annotated[Actor, Depends(authenticate)]

    def _shown(feed_id: str) -> FeedOut:
        return _feed_out(feeds.get(feed_id), statuses.of(feed_id))

    def _feed(feed_id: str, body: FeedBody) -> Feed:
        return Feed(
            id=feed_id,
            owner=body.owner,
            types=tuple(body.types),
            cadence_s=body.cadence_s,
            rate_per_s=body.rate_per_s or default_rate_per_s,
            registered_at=clock.now(),
        )

    @router.get("/v1/feeds", responses=READ)
    async def list_feeds(actor: caller) -> FeedsOut:
        """List feeds with their state, lag, yield and counts."""
        require(actor, "feed.read")
        return FeedsOut(feeds=[_shown(feed.id) for feed in feeds.all()])

    @router.post("/v1/feeds", status_code=201, responses=WRITE)
    async def register_feed(body: FeedIn, actor: caller) -> FeedOut:
        """Register a feed; 409 when its id is taken."""
        require(actor, "feed.manage")
        await feeds.register(_feed(body.id, body))
        return _shown(body.id)

    @router.get("/v1/feeds/{feed}", responses=READ)
    async def get_feed(feed: FeedPath, actor: caller) -> FeedOut:
        """Show one feed."""
        require(actor, "feed.read")
        return _shown(feed)

    @router.put(
        "/v1/feeds/{feed}",
        responses={**WRITE, 201: {"model": FeedOut, "description": "Registered"}},
    )
    async def put_feed(feed: FeedPath, body: FeedBody, actor: caller, answer: Response) -> FeedOut:
        """Register a feed or bring it to this form; safe to repeat."""
        require(actor, "feed.manage")
        _, is_new = await feeds.put(_feed(feed, body))
        answer.status_code = 201 if is_new else 200
        return _shown(feed)

    @router.patch("/v1/feeds/{feed}", responses=WRITE)
    async def change_feed(feed: FeedPath, body: FeedPatch, actor: caller) -> FeedOut:
        """Change parts of a registration."""
        require(actor, "feed.manage")
        types = tuple(body.types) if body.types is not None else None
        change = FeedChange(body.owner, types, body.cadence_s, body.rate_per_s)
        await feeds.change(feed, change)
        return _shown(feed)

    return router


def _feed_out(feed: Feed, status: FeedStatus) -> FeedOut:
    return FeedOut(
        id=feed.id,
        owner=feed.owner,
        types=list(feed.types),
        cadence_s=feed.cadence_s,
        rate_per_s=feed.rate_per_s,
        registered_at=feed.registered_at,
        state=status.state,
        last_event_at=status.last_event_at,
        last_received_at=status.last_received_at,
        lag_s=status.lag_s,
        yield_share=status.yield_share,
        counts=counts_out(Counts(status.accepted, status.duplicate, status.rejected)),
    )
