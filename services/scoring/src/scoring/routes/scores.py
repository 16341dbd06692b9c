"""Scores, the latest assessment, reload, digest."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from scoring.domain.cohorts import Peers
from scoring.domain.ports import Assessments, Model
from scoring.models import (
    AssessmentOut,
    ContributionOut,
    DigestOut,
    PeersOut,
    ReloadOut,
    ScoreIn,
    ScoreOut,
    ScoresOut,
    VectorIn,
)
from scoring.routes.answers import problems
from scoring.routes.serving import refusal_of
from scoring.service.assessing import Reload, ScoringService
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

Pseudonym = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,32}:[0-9a-f]{32}$")]


def build_router(
    service: ScoringService,
    assessments: Assessments,
    reload: Callable[[], Reload],
    authenticate: Authenticate,
    *,
    peers: Callable[[str, str | None], Awaitable[Mapping[str, Peers]]],
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
        return ScoresOut(model=scored[0].model, scores=[_score(one, {}) for one in scored])

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
        return _assessment(found, await peers(pseudonym, found.college))

    @router.post("/v1/models/reload", tags=["models"], responses=problems(401, 403))
    def reload_now(actor: caller) -> ReloadOut:
        """Verify and build the bundle on disk, then swap; a refused one changes nothing."""
        require(actor, "model.reload")
        done = reload()
        return ReloadOut(outcome=done.outcome, model=done.model, refused=refusal_of(done.refusal))

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


def _score(one: Assessment, peers: Mapping[str, Peers]) -> ScoreOut:
    return ScoreOut(
        status=one.status,
        probability=one.probability,
        level=one.level,
        coverage=one.coverage,
        contributions=[_contribution(each, peers) for each in one.contributions],
        missing=one.missing,
    )


def _contribution(one: Contribution, peers: Mapping[str, Peers]) -> ContributionOut:
    theirs = peers.get(one.indicator) if one.usual is None and one.value is not None else None
    said = sentence_of(one.indicator, one.value, one.usual, peers=theirs.value if theirs else None)
    return ContributionOut(
        indicator=one.indicator,
        share=one.share,
        value=one.value,
        usual=one.usual,
        peers=PeersOut(**asdict(theirs)) if theirs else None,
        zh=said.zh,
        en=said.en,
    )


def _assessment(one: Assessment, peers: Mapping[str, Peers]) -> AssessmentOut:
    return AssessmentOut(
        **_score(one, peers).model_dump(),
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
