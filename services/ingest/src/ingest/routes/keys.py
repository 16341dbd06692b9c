"""API keys of feeds: shown once, listed by prefix, revoked at once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from ingest.domain.feed import FeedKey
from ingest.models import KeyIn, KeyOut, KeysOut, NewKeyOut
from ingest.routes.feeds import READ, WRITE, FeedPath
from ingest.service.feeds import FeedService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require

KeyPath = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


def build_keys_router(feeds: FeedService, authenticate: Authenticate) -> APIRouter:
    """Return the router of feed keys."""
    router = APIRouter(tags=["feeds"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/feeds/{feed}/keys", responses=READ)
    async def list_keys(feed: FeedPath, actor: caller) -> KeysOut:
        """List a feed's keys by their visible prefix."""
        require(actor, "feed.manage")
        return KeysOut(keys=[_key_out(key) for key in feeds.keys_of(feed)])

    @router.post("/v1/feeds/{feed}/keys", status_code=201, responses=WRITE)
    async def issue_key(feed: FeedPath, body: KeyIn, actor: caller) -> NewKeyOut:
        """Issue a key; it is shown in this answer only. To rotate: issue, exchange, revoke."""
        require(actor, "feed.manage")
        key, new = await feeds.issue_key(feed, tuple(body.types))
        return NewKeyOut(**_key_out(key).model_dump(), key=new.text)

    @router.delete(
        "/v1/feeds/{feed}/keys/{key}", status_code=204, response_class=Response, responses=WRITE
    )
    async def revoke_key(feed: FeedPath, key: KeyPath, actor: caller) -> Response:
        """Revoke a key at once and for ever."""
        require(actor, "feed.manage")
        await feeds.revoke_key(feed, key)
        return Response(status_code=204)

    return router


def _key_out(key: FeedKey) -> KeyOut:
    return KeyOut(
        id=key.id,
        prefix=key.prefix,
        types=list(key.types),
        created_at=key.created_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )
