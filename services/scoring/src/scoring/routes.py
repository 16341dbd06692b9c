"""The REST API: score, the latest assessment, models, reload, digest."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from scoring.domain.ports import Assessments, Model
from scoring.models import (
    AssessmentOut,
    ContributionOut,
    DigestOut,
    MetricOut,
    ModelOut,
    ModelsOut,
    RefusalOut,
    ReloadOut,
    ScoreIn,
    ScoreOut,
    ScoresOut,
    VectorIn,
)
from scoring.service import Refusal, Reload, ScoringService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import Scope, require
from shared.contracts.assessment import Assessment, Contribution
from shared.contracts.features import FeatureVector
from shared.explain.sentences import sentence_of
from shared.kernel.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RuleBrokenError,
    TooLargeError,
)
from shared.web.problems import declared

Pseudonym = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,32}:[0-9a-f]{32}$")]
_TEXT = {
    400: "A rule is broken",
    401: "Nobody knows who the caller is",
    403: "The caller may not",
    404: "Not there, or not to be known",
    409: "The state does not allow it",
    413: "Too large",
    422: "Does not fit the schema",
    503: "Not now; try again",
}
Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """Declare problem details for statuses."""
    return declared(_TEXT, *statuses)


def build_router(
    service: ScoringService,
    assessments: Assessments,
    reload: Callable[[], Reload],
    authenticate: Authenticate,
    *,
    lane: str,
    max_vectors: int,
) -> APIRouter:
    """Return the router of scoring."""
    router = APIRouter()
    caller = Annotated[Actor, Depends(authenticate)]

    @router.post("/v1/score", tags=["score"], responses=problems(400, 401, 403, 409, 413, 422, 503))
    def score(body: ScoreIn, actor: caller) -> ScoresOut:
        """Score vectors with the model in service; nothing is kept."""
        require(actor, "score.compute")
        if len(body.vectors) > max_vectors:
            raise TooLargeError("too_many_vectors", f"at most {max_vectors} vectors a request")
        model = service.require_model()
        _check(body, model)
        vectors = [_vector(one, body.catalogue) for one in body.vectors]
        scored = service.assess(vectors, explain=body.explain)
        return ScoresOut(model=scored[0].model, scores=[_score(one) for one in scored])

    @router.get(
        "/v1/students/{pseudonym}/assessment",
        tags=["assessments"],
        responses=problems(401, 403, 404, 422, 503),
    )
    async def latest(pseudonym: Pseudonym, actor: caller) -> AssessmentOut:
        """Return the latest assessment of a student; 404 also where the caller may not know."""
        found = await assessments.find(pseudonym)
        scope = Scope(student=pseudonym, college=found.college if found else None)
        try:
            require(actor, "assessment.read", scope)
        except ForbiddenError as error:
            if error.code == "outside_reach":
                raise NotFoundError("no_assessment", "no assessment of this student") from None
            raise
        if found is None:
            raise NotFoundError("no_assessment", "no assessment of this student")
        return _assessment(found)

    @router.get("/v1/models", tags=["models"], responses=problems(401, 403))
    def models(actor: caller) -> ModelsOut:
        """Say which model serves, with its card and figures, and which bundle was refused."""
        require(actor, "model.read")
        model = service.model
        serving = [] if model is None else [_model(model)]
        return ModelsOut(lane=lane, serving=serving, refused=_refusal(service.refusal))

    @router.post("/v1/models/reload", tags=["models"], responses=problems(401, 403))
    def reload_now(actor: caller) -> ReloadOut:
        """Verify and build the bundle on disk, then swap; a refused one changes nothing."""
        require(actor, "model.reload")
        done = reload()
        return ReloadOut(outcome=done.outcome, model=done.model, refused=_refusal(done.refusal))

    @router.get("/v1/state/digest", tags=["state"], responses=problems(401, 403, 503))
    async def digest(actor: caller) -> DigestOut:
        """Return one hash over all assessments; equal hashes mean equal state."""
        require(actor, "state.digest")
        return DigestOut(assessments=await assessments.digest())

    return router


def _check(body: ScoreIn, model: Model) -> None:
    manifest = model.manifest
    if body.catalogue != manifest.catalogue:
        raise ConflictError(
            "other_catalogue",
            f"the model is for catalogue {manifest.catalogue}, not {body.catalogue}",
            field="/catalogue",
        )
    width = len(manifest.features)
    for number, vector in enumerate(body.vectors):
        lengths = {len(vector.values), len(vector.coverage), len(vector.usual or vector.values)}
        if lengths != {width}:
            raise RuleBrokenError(
                "wrong_length",
                f"values, coverage and usual need {width} entries each",
                field=f"/vectors/{number}",
            )


def _vector(one: VectorIn, catalogue: str) -> FeatureVector:
    return FeatureVector(
        id="",
        student="",
        position=0,
        as_of="",
        event_time=None,
        window_start="",
        catalogue=catalogue,
        values=one.values,
        coverage=one.coverage,
        usual=one.usual or [None] * len(one.values),
        college=None,
    )


def _score(one: Assessment) -> ScoreOut:
    return ScoreOut(
        status=one.status,
        probability=one.probability,
        level=one.level,
        coverage=one.coverage,
        contributions=[_contribution(each) for each in one.contributions],
        missing=one.missing,
    )


def _contribution(one: Contribution) -> ContributionOut:
    said = sentence_of(one.indicator, one.value, one.usual)
    return ContributionOut(
        indicator=one.indicator,
        share=one.share,
        value=one.value,
        usual=one.usual,
        zh=said.zh,
        en=said.en,
    )


def _assessment(one: Assessment) -> AssessmentOut:
    return AssessmentOut(
        **_score(one).model_dump(),
        id=one.id,
        student=one.student,
        vector=one.vector,
        position=one.position,
        as_of=one.as_of,
        model=one.model,
        input_digest=one.input_digest,
        dead_feeds=one.dead_feeds,
        college=one.college,
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


def _refusal(one: Refusal | None) -> RefusalOut | None:
    return None if one is None else RefusalOut(reason=one.reason, detail=one.detail)
