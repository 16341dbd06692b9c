"""Use cases of one lane: assess vectors with its model, swap the model."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.domain.inputs import digest_of, inputs_of
from scoring.domain.judge import (
    ABSTAINS_FOR,
    DIGITS,
    Basis,
    Evidence,
    Readiness,
    level_of,
    missing,
    readiness,
    reasons,
    silence,
)
from scoring.domain.ports import Loader, Model
from shared.bundle.reading import BundleRefusedError
from shared.contracts.assessment import Assessment, Contribution
from shared.contracts.features import FeatureVector
from shared.kernel.errors import ServiceAwayError
from shared.kernel.ids import stable_id


@dataclass(frozen=True)
class Refusal:
    """A bundle that was not taken into service, and why."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Reload:
    """The outcome of a reload: swapped, unchanged, or refused with the old model serving on."""

    outcome: Literal["swapped", "unchanged", "refused"]
    model: str | None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Terms:
    """Under what a lane assesses: its revision, and whether its model is suspended."""

    revision: int = 0
    is_suspended: bool = False


IN_SERVICE = Terms()


class ScoringService:
    """Holds one model; readers take the reference once a batch, so no batch mixes models."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._reloading = threading.Lock()
        self._model: Model | None = None
        self.refusal: Refusal | None = None

    @property
    def model(self) -> Model | None:
        return self._model

    def require_model(self) -> Model:
        """Return the model in service.

        Raises:
            ServiceAwayError: no bundle was accepted yet.
        """
        if self._model is None:
            why = f": {self.refusal.detail}" if self.refusal else ""
            raise ServiceAwayError(f"no bundle is in service{why}", retry_after_s=30)
        return self._model

    def reload(self) -> Reload:
        """Verify and build the bundle on disk, then swap; a refused one changes nothing.

        One at a time, from reading which bundle it is to the swap: the last to be asked for wins.
        """
        with self._reloading:
            return self._reload()

    def _reload(self) -> Reload:
        try:
            fresh = self._loader()
        except BundleRefusedError as error:
            self.refusal = Refusal(error.reason, error.detail)
            serving = self._model.manifest.model if self._model else None
            return Reload("refused", serving, self.refusal)
        self.refusal = None
        if self._model is not None and self._model.digest == fresh.digest:
            return Reload("unchanged", fresh.manifest.model)
        self._model = fresh
        return Reload("swapped", fresh.manifest.model)

    def assess(
        self, vectors: Sequence[FeatureVector], *, explain: bool = True, terms: Terms = IN_SERVICE
    ) -> list[Assessment]:
        """Assess vectors in order, with one call of the model for all that have enough evidence."""
        model = self.require_model()
        evidence = Evidence.of(model.manifest)
        states = [
            readiness(evidence, v.catalogue, v.values, v.coverage, is_suspended=terms.is_suspended)
            for v in vectors
        ]
        chosen = [v for v, state in zip(vectors, states, strict=True) if state.is_enough]
        scored = iter(_scored(model, chosen, explain=explain))
        return [
            _assessment(
                model, vector, state, next(scored) if state.is_enough else None, terms=terms
            )
            for vector, state in zip(vectors, states, strict=True)
        ]


_Scored = tuple[float, list[Contribution]]


def _scored(model: Model, vectors: Sequence[FeatureVector], *, explain: bool) -> list[_Scored]:
    if not vectors:
        return []
    features = model.manifest.features
    values, usual = [v.values for v in vectors], [v.usual for v in vectors]
    inputs = inputs_of(values, usual, [v.coverage for v in vectors], len(features))
    output = model.run(inputs, explain=explain)
    why: Sequence[list[Contribution]] = [[] for _ in vectors]
    if explain:
        why = reasons(features, output.contributions, values, usual)
    return list(zip(output.probability.tolist(), why, strict=True))


def _assessment(
    model: Model,
    vector: FeatureVector,
    state: Readiness,
    scored: _Scored | None,
    *,
    terms: Terms,
) -> Assessment:
    manifest = model.manifest
    probability = None if scored is None else round(scored[0], DIGITS)
    features = manifest.features
    known = state.basis is not Basis.OTHER_CATALOGUE
    revised = (terms.revision,) if terms.revision else ()
    return Assessment(
        id=stable_id("asm", vector.id, manifest.model, *revised),
        student=vector.student,
        vector=vector.id,
        position=vector.position,
        as_of=vector.as_of,
        model=manifest.model,
        input_digest=digest_of(vector.catalogue, vector.values, vector.usual, vector.coverage),
        status="abstained" if probability is None else "scored",
        probability=probability,
        level="none" if probability is None else level_of(probability, manifest.thresholds),
        coverage=state.coverage,
        contributions=scored[1] if scored else _unscored(features, vector, state),
        missing=missing(features, vector.values) if known else features,
        dead_feeds=vector.dead_feeds,
        college=vector.college,
        traceparent=vector.traceparent,
        revision=terms.revision,
        abstained_for=ABSTAINS_FOR.get(state.basis),
    )


def _unscored(
    features: Sequence[str], vector: FeatureVector, state: Readiness
) -> list[Contribution]:
    if state.basis is Basis.CALIBRATION:
        return silence(features, vector.values, vector.usual)
    return []
