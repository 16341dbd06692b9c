"""What serves: champion and shadows, changes by people, comparison, the log."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from scoring.domain.comparison import Comparison
from scoring.domain.ports import LaneState, Model
from scoring.domain.standing import Logged, Standing
from scoring.models import (
    CellOut,
    ChangeOut,
    ChangesOut,
    ComparisonOut,
    MetricOut,
    ModelOut,
    ModelsOut,
    PromoteIn,
    ReasonIn,
    RefusalOut,
    ShadowOut,
)
from scoring.routes.answers import problems, require_champion, require_watched
from scoring.service.assessing import Refusal, ScoringService
from scoring.service.serving import Asked, Serving
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require

Bundle = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]


def build_serving_router(
    service: ScoringService,
    serving: Serving,
    lanes: Callable[[], Sequence[LaneState]],
    sizes: Callable[[], Awaitable[dict[str, int]]],
    *,
    authenticate: Authenticate,
    lane: str,
) -> APIRouter:
    """Return the router of models."""
    router = APIRouter(tags=["models"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/models", responses=problems(401, 403, 503))
    async def models(actor: caller) -> ModelsOut:
        """Say which model serves, with its card and figures, each shadow, and what was refused."""
        require(actor, "model.read")
        now = await serving.standing()
        model = service.model
        return ModelsOut(
            lane=lane,
            bundle=now.champion,
            revision=now.revision,
            suspended=_suspended(now),
            serving=[] if model is None else [_model(model)],
            refused=refusal_of(service.refusal),
            shadows=_shadows(lanes(), await sizes()),
        )

    @router.post("/v1/models/rollback", responses=problems(401, 403, 404, 409, 422, 503))
    async def roll_back(body: ReasonIn, actor: caller) -> ChangeOut:
        """Return to the champion before this one; everybody is assessed again, by it."""
        require(actor, "model.promote")
        require_champion(lane)
        return _change(await serving.roll_back(Asked(actor.id, body.reason)))

    @router.post("/v1/models/resume", responses=problems(401, 403, 409, 422, 503))
    async def resume(body: ReasonIn, actor: caller) -> ChangeOut:
        """End a suspension: the champion scores again, everybody."""
        require(actor, "model.promote")
        require_champion(lane)
        return _change(await serving.resume(Asked(actor.id, body.reason)))

    @router.get("/v1/models/changes", responses=problems(401, 403, 503))
    async def changes(actor: caller) -> ChangesOut:
        """Return who changed what serves, when and why; a hash chain, checked here."""
        require(actor, "model.read")
        log = await serving.log()
        return ChangesOut(changes=[_change(one) for one in log.entries], broken_at=log.broken_at)

    @router.post("/v1/models/{bundle}/promote", responses=problems(401, 403, 404, 409, 422, 503))
    async def promote(bundle: Bundle, body: PromoteIn, actor: caller) -> ChangeOut:
        """Make a bundle champion; everybody is assessed again, by it.

        Refused while its shadow has not assessed everybody, or when far more or far fewer students
        would stand at yellow or above; `force` overrules that, and the log says so.
        """
        require(actor, "model.promote")
        require_champion(lane)
        asked = Asked(actor.id, body.reason)
        return _change(await serving.promote(bundle, asked, is_forced=body.force))

    @router.get("/v1/models/{bundle}/comparison", responses=problems(401, 403, 404, 422, 503))
    async def comparison(bundle: Bundle, actor: caller) -> ComparisonOut:
        """Count students by the champion's level and the shadow's; nobody is named."""
        require(actor, "model.read")
        require_watched(lane)
        return _comparison(await serving.compare(bundle))

    return router


def _shadows(states: Sequence[LaneState], sizes: dict[str, int]) -> list[ShadowOut]:
    return [
        ShadowOut(
            bundle=one.lane.bundle,
            model=one.model,
            status=one.status,
            detail=one.detail,
            students=sizes.get(one.lane.key, 0),
        )
        for one in states
        if not one.lane.is_champion
    ]


def _suspended(now: Standing) -> str | None:
    return None if now.suspended is None else f"{now.suspended.at}: {now.suspended.reason}"


def _change(entry: Logged) -> ChangeOut:
    change = entry.change
    return ChangeOut(
        number=entry.number,
        at=change.at,
        actor=change.actor,
        action=change.action,
        bundle_from=change.bundle_from,
        bundle_to=change.bundle_to,
        reason=change.reason,
        digest=change.digest,
        is_forced=change.is_forced,
        hash=entry.hash,
    )


def _comparison(seen: Comparison) -> ComparisonOut:
    return ComparisonOut(
        champion_students=seen.champion,
        shadow_students=seen.shadow,
        both=seen.both,
        agreement=seen.agreement,
        loud_before=seen.loud_before,
        loud_after=seen.loud_after,
        cells=[
            CellOut(champion=old, shadow=new, students=count)
            for (old, new), count in sorted(seen.cells.items())
        ],
    )


def _model(model: Model) -> ModelOut:
    manifest = model.manifest
    cuts, data = manifest.thresholds, manifest.data
    return ModelOut(
        model=manifest.model,
        title=manifest.title,
        catalogue=manifest.catalogue,
        features=manifest.features,
        thresholds={"blue": cuts.blue, "yellow": cuts.yellow, "orange": cuts.orange},
        coverage_floor=manifest.coverage_floor,
        prevalence=manifest.prevalence,
        metrics={
            name: MetricOut(value=m.value, low=m.low, high=m.high)
            for name, m in manifest.metrics.items()
        },
        data={
            "kind": data.kind,
            "students": data.students,
            "vectors": data.vectors,
            "start": data.start,
            "end": data.end,
        },
        seed=manifest.seed,
        signed_by=model.key,
        digest=model.digest,
        card=model.card,
    )


def refusal_of(one: Refusal | None) -> RefusalOut | None:
    return None if one is None else RefusalOut(reason=one.reason, detail=one.detail)
