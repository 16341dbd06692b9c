"""How the model does: drift of its inputs, calibration, estimates."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends

from scoring.domain.estimate import Estimated
from scoring.models import (
    AgreementOut,
    DriftGroupOut,
    DriftOut,
    DriftReportOut,
    EstimateOut,
    MetricOut,
    PerformanceOut,
    RatioOut,
)
from scoring.routes.answers import problems, require_watched
from scoring.service.performance import Performance
from scoring.service.watching import DriftReport, Watching
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.drift.groups import Group

_PAIRS = {
    "zh": "只有模型触发的同一预警由两人分别独立判断才有配对(lantern alerts review)。",
    "en": "A pair is one alert of the model that two people judged, the second one blind to the "
    "first (lantern alerts review).",
}


def build_watching_router(
    watching: Watching,
    look: Callable[[], Awaitable[DriftReport]],
    look_at_performance: Callable[[], Awaitable[Performance]],
    authenticate: Authenticate,
    *,
    lane: str,
) -> APIRouter:
    """Return the router of drift."""
    router = APIRouter(tags=["watch"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/drift", responses=problems(401, 403, 404, 422, 503))
    async def drift(
        actor: caller, by: Literal["all", "college", "intake"] | None = None
    ) -> DriftReportOut:
        """Return PSI, KS and missing share an indicator: of all, by college, by intake year."""
        require(actor, "model.read")
        require_watched(lane)
        report = watching.last or await look()
        return DriftReportOut(
            at=report.at,
            model=report.model,
            reference_vectors=report.reference_vectors,
            groups=[_group(one) for one in report.groups if by in (None, one.by)],
        )

    @router.get("/v1/performance", responses=problems(401, 403, 404, 503))
    async def performance_now(actor: caller) -> PerformanceOut:
        """Return calibration by verdicts, agreement of reviewers, and estimates without labels."""
        require(actor, "model.read")
        require_watched(lane)
        return _performance(await look_at_performance())

    return router


def _performance(found: Performance) -> PerformanceOut:
    return PerformanceOut(
        model=found.model,
        revision=found.revision,
        waiting=found.waiting,
        calibration=[RatioOut(**vars(one)) for one in found.ratios],
        estimates=[
            EstimateOut(
                level=cast("Any", level),
                threshold=one.threshold,
                students=one.students,
                flagged=one.flagged,
                precision=_metric(one.precision),
                recall=_metric(one.recall),
            )
            for level, one in found.estimates
        ],
        agreement=AgreementOut(**vars(found.agreement), **_PAIRS),
    )


def _metric(one: Estimated | None) -> MetricOut | None:
    return None if one is None else MetricOut(value=one.value, low=one.low, high=one.high)


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
