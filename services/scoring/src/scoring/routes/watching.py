"""How the model does: drift of its inputs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends

from scoring.models import DriftGroupOut, DriftOut, DriftReportOut
from scoring.routes.answers import problems
from scoring.service.watching import DriftReport, Watching
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.drift.groups import Group


def build_watching_router(
    watching: Watching, look: Callable[[], Awaitable[DriftReport]], authenticate: Authenticate
) -> APIRouter:
    """Return the router of drift."""
    router = APIRouter(tags=["watch"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/drift", responses=problems(401, 403, 422, 503))
    async def drift(
        actor: caller, by: Literal["all", "college", "intake"] | None = None
    ) -> DriftReportOut:
        """Return PSI, KS and missing share an indicator: of all, by college, by intake year."""
        require(actor, "model.read")
        report = watching.last or await look()
        return DriftReportOut(
            at=report.at,
            model=report.model,
            reference_vectors=report.reference_vectors,
            groups=[_group(one) for one in report.groups if by in (None, one.by)],
        )

    return router


def _group(group: Group) -> DriftGroupOut:
    return DriftGroupOut(
        by=group.by,
        group=group.name,
        students=group.students,
        indicators=[
            DriftOut(
                indicator=name,
                verdict=one.verdict,
                psi=one.psi,
                ks=one.ks,
                missing_share=one.missing_share,
                reference_missing_share=one.reference_missing_share,
            )
            for name, one in group.indicators.items()
        ],
    )
