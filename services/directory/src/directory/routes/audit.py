"""`/v1/audit` and its check."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from directory.domain.audit import ChainedEntry
from directory.models import AuditEntryOut, AuditOut, VerdictOut
from directory.routes.desks import Desks, problems
from directory.service.audit import read_audit, verify_chain
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require

_PAGE_MAX = 1000
_LAST = 2**53


def audit_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return the routes of the audit."""
    router = APIRouter(tags=["audit"])
    Caller = Annotated[Actor, Depends(authenticate)]  # noqa: N806 - a type

    @router.get("/audit", responses=problems())
    async def read(
        actor: Caller,
        after: Annotated[int, Query(ge=0, le=_LAST)] = 0,
        limit: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = 100,
    ) -> AuditOut:
        """Return a page of the chain; reading it is an entry too."""
        async with desks.work.write() as stores:
            found = await read_audit(stores, actor, desks.clock.now(), after=after, limit=limit)
        entries = [_render(link) for link in found]
        return AuditOut(
            entries=entries, next=entries[-1].sequence if len(entries) == limit else None
        )

    @router.get("/audit/verify", responses=problems())
    async def verify(actor: Caller) -> VerdictOut:
        """Check every link and signed head; the first broken entry is named."""
        require(actor, "audit.read")
        async with desks.work.read() as stores:
            verdict = await verify_chain(stores, desks.is_signature)
        return VerdictOut(
            is_intact=verdict.is_intact,
            entries=verdict.entries,
            head=verdict.head,
            first_broken=verdict.first_broken,
            fault=verdict.fault,
        )

    return router


def _render(link: ChainedEntry) -> AuditEntryOut:
    return AuditEntryOut(
        **vars(link.entry), sequence=link.sequence, previous=link.previous, hash=link.hash
    )
