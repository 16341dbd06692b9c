"""Dead letters: list, inspect, re-drive."""

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from ingest.domain.letters import Letter, LetterQuery, LetterState, Stage
from ingest.domain.results import EventResult
from ingest.models import (
    EventResultOut,
    FeedId,
    LetterOut,
    LettersOut,
    OpenedLetterOut,
    RedriveIn,
    RedrivenOut,
    RedrivesOut,
)
from ingest.routes.responses import problems
from ingest.service.letters import LetterService, Redriven
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.observability.logging import get_logger

log = get_logger("ingest.letters")
LetterPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$", max_length=80)]
Reason = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Before = Annotated[int | None, Query(ge=1, le=2**62)]


def build_letters_router(letters: LetterService, authenticate: Authenticate) -> APIRouter:
    """Return the router of dead letters."""
    router = APIRouter(tags=["dead letters"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/dead-letters", responses=problems(401, 403, 422, 503))
    async def list_letters(
        actor: caller,
        *,
        feed: Annotated[FeedId | None, Query()] = None,
        reason: Reason = None,
        stage: Annotated[Stage | None, Query()] = None,
        state: Annotated[LetterState | None, Query()] = None,
        before: Before = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> LettersOut:
        """List dead letters, newest first."""
        require(actor, "dead.read")
        found = await letters.find(LetterQuery(feed, reason, stage, state, before, limit))
        following = found[-1].position if len(found) == limit else None
        return LettersOut(letters=[LetterOut(**_fields(each)) for each in found], next=following)

    @router.get("/v1/dead-letters/{letter}", responses=problems(401, 403, 404, 409, 422, 503))
    async def get_letter(letter: LetterPath, actor: caller) -> OpenedLetterOut:
        """Show a dead letter; its original bytes are shown to the role `it`, and that is logged."""
        require(actor, "dead.read")
        found = await letters.get(letter)
        if "it" not in actor.roles:
            return OpenedLetterOut(**_fields(found), payload=None, payload_encoding=None)
        original = letters.open(found)
        log.info("letter.opened", letter=found.id, feed=found.feed, actor=actor.id)
        return OpenedLetterOut(**_fields(found), **_payload(original))

    @router.post(
        "/v1/dead-letters/{letter}/redrive", responses=problems(401, 403, 404, 409, 422, 503)
    )
    async def redrive_letter(letter: LetterPath, actor: caller) -> RedrivenOut:
        """Send a dead letter through the front door again; what was accepted stays accepted once.

        An event that is still bad stays open with its new reason.
        """
        require(actor, "dead.redrive")
        done = await letters.redrive(letter)
        log.info("letter.redriven", letter=letter, outcome=done.result.status, actor=actor.id)
        return _redriven_out(done)

    @router.post("/v1/dead-letters/redrive", responses=problems(401, 403, 404, 422, 503))
    async def redrive_letters(body: RedriveIn, actor: caller) -> RedrivesOut:
        """Re-drive the open letters of a feed, reason or stage, newest first."""
        require(actor, "dead.redrive")
        query = LetterQuery(
            feed=body.feed, reason=body.reason, stage=body.stage, state="open", limit=body.limit
        )
        done, failed = await letters.redrive_all(query)
        log.info("letters.redriven", count=len(done), failed=len(failed), actor=actor.id)
        return RedrivesOut(redriven=[_redriven_out(each) for each in done], failed=failed)

    return router


def _fields(letter: Letter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in LetterOut.model_fields}


def _payload(original: bytes) -> dict[str, Any]:
    try:
        return {"payload": original.decode(), "payload_encoding": "utf-8"}
    except UnicodeDecodeError:
        encoded = base64.b64encode(original).decode()
        return {"payload": encoded, "payload_encoding": "base64"}


def _redriven_out(done: Redriven) -> RedrivenOut:
    return RedrivenOut(letter=done.letter, result=_result_out(done.result))


def _result_out(result: EventResult) -> EventResultOut:
    return EventResultOut(
        status=result.status,
        id=result.id,
        reason=result.reason,
        field=result.field,
        detail=result.detail,
    )
