"""`/v1/identities`: reveal, approve, open, review, look up.

The transaction with the audit entry is committed before any answer, also a refusal, leaves.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from directory.domain.reveal import Reveal, RevealDecision, RevealReason, RevealRequest
from directory.domain.vault import Identity
from directory.models import (
    IdentityOut,
    LookupIn,
    LookupOut,
    RevealIn,
    RevealOut,
    ReviewOut,
    ReviewsOut,
)
from directory.routes.desks import Desks, IdPath, problems
from directory.service.identities import RevealOutcome
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.kernel.campus_time import format_utc
from shared.kernel.errors import ConflictError, ForbiddenError, NotFoundError

_HIDDEN = {
    RevealReason.UNKNOWN_STUDENT,
    RevealReason.NOT_IN_CASELOAD,
    RevealReason.NOT_THE_REQUESTER,
}
_STATE = {RevealReason.NOT_PENDING, RevealReason.EXPIRED}
_REVIEWS_SHOWN = 200


def identities_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return the routes that open identities."""
    router = APIRouter(tags=["identities"])
    Caller = Annotated[Actor, Depends(authenticate)]  # noqa: N806 - a type
    waiting: dict[int | str, dict[str, Any]] = {
        202: {"model": RevealOut, "description": "Waits for a second person"}
    }

    @router.post("/identities/reveal", responses=problems(404) | waiting)
    async def reveal(request: RevealIn, actor: Caller, response: Response) -> RevealOut:
        """Open an identity for a duty; above yellow it waits for a second person (202)."""
        asked = RevealRequest(
            student=request.pseudonym,
            duty=request.duty,
            reason=request.reason,
            level=request.level,
            break_glass=request.break_glass,
        )
        async with desks.work.write() as stores:
            outcome = await desks.identities.request(stores, actor, asked, desks.clock.now())
        return _answer(desks, outcome, response)

    @router.post("/identities/reveals/{reveal}/approve", responses=problems(404, 409))
    async def approve(reveal: IdPath, actor: Caller) -> RevealOut:
        """Approve another person's request; the identity is for its requester."""
        async with desks.work.write() as stores:
            outcome = await desks.identities.approve(stores, actor, reveal, desks.clock.now())
        return _answer(desks, outcome, Response())

    @router.get("/identities/reveals/{reveal}", responses=problems(404, 409) | waiting)
    async def open_reveal(reveal: IdPath, actor: Caller, response: Response) -> RevealOut:
        """Open what was approved: for the requester, once, within a quarter of an hour."""
        async with desks.work.write() as stores:
            outcome = await desks.identities.open(stores, actor, reveal, desks.clock.now())
        return _answer(desks, outcome, response)

    @router.get("/identities/reveals", responses=problems())
    async def list_reviews(actor: Caller) -> ReviewsOut:
        """Return break-glass reveals that nobody has reviewed yet."""
        require(actor, "audit.read")
        async with desks.work.read() as stores:
            found = await stores.reveals.needing_review(_REVIEWS_SHOWN)
        return ReviewsOut(reveals=[_review(one) for one in found])

    @router.post("/identities/reveals/{reveal}/review", status_code=204, responses=problems(404))
    async def review(reveal: IdPath, actor: Caller) -> Response:
        """Mark a break-glass reveal of another person as reviewed."""
        require(actor, "audit.read")
        async with desks.work.write() as stores:
            is_done = await desks.identities.review(stores, actor, reveal, desks.clock.now())
        if not is_done:
            raise NotFoundError("reveal_not_found", "nothing of another person to review")
        return Response(status_code=204)

    @router.post("/identities/lookup", responses=problems(404))
    async def lookup(request: LookupIn, actor: Caller, response: Response) -> LookupOut:
        """Return the pseudonym of a student number, for those who could open it.

        The number travels in the body: addresses end up in access logs and histories.
        """
        async with desks.work.write() as stores:
            decision, student = await desks.identities.lookup(
                stores, actor, request.number, desks.clock.now()
            )
        if student is None:
            raise _refusal(decision)
        response.headers["Cache-Control"] = "no-store"
        return LookupOut(student=student)

    return router


def _answer(desks: Desks, outcome: RevealOutcome, response: Response) -> RevealOut:
    desks.metrics.revealed(outcome.decision)
    if outcome.decision.outcome == "refuse" or outcome.reveal is None:
        raise _refusal(outcome.decision)
    if outcome.decision.outcome == "wait":
        response.status_code = 202
    response.headers["Cache-Control"] = "no-store"
    return _render(outcome.reveal, outcome.decision, outcome.identity)


def _refusal(decision: RevealDecision) -> NotFoundError | ConflictError | ForbiddenError:
    if decision.reason in _HIDDEN:
        return NotFoundError("student_not_found", "no such student or reveal here")
    if decision.reason in _STATE:
        return ConflictError(decision.reason.value, "this reveal is used up, old or not pending")
    return ForbiddenError(decision.reason.value, "this identity is not opened for this caller")


def _render(reveal: Reveal, decision: RevealDecision, identity: Identity | None) -> RevealOut:
    shown = (
        IdentityOut(name=identity.name, number=identity.number, email=identity.email or None)
        if identity
        else None
    )
    return RevealOut(
        id=reveal.id,
        student=reveal.request.student,
        status=reveal.status,
        reason=decision.reason.value,
        needs_review=reveal.needs_review,
        expires_at=format_utc(reveal.expires_at),
        identity=shown,
    )


def _review(reveal: Reveal) -> ReviewOut:
    return ReviewOut(
        id=reveal.id,
        student=reveal.request.student,
        duty=reveal.request.duty,
        reason=reveal.request.reason,
        requested_by=reveal.requested_by,
    )
