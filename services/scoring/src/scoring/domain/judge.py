"""From what a model said to what is said of a student: abstention, level, reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

import numpy as np

from scoring.domain.inputs import Array, Row
from shared.bundle.manifest import Manifest, Thresholds
from shared.contracts.assessment import AbstainReason, Contribution, ModelLevel

TOP = 5
DIGITS = 6
COVERAGE_DIGITS = 4
SILENT_DAYS = "silent_days"


class Basis(StrEnum):
    """Why a vector is scored or not."""

    SCORED = "scored"
    LOW_COVERAGE = "low_coverage"
    OTHER_CATALOGUE = "other_catalogue"
    CALIBRATION = "calibration"


ABSTAINS_FOR: Mapping[Basis, AbstainReason] = {
    Basis.LOW_COVERAGE: "low_coverage",
    Basis.OTHER_CATALOGUE: "other_catalogue",
    Basis.CALIBRATION: "calibration",
}


@dataclass(frozen=True)
class Evidence:
    """What a manifest asks for: of which places of the catalogue, and how much of it."""

    catalogue: str
    places: Sequence[int]
    floor: float

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        wanted = frozenset(manifest.evidence)
        places = [at for at, name in enumerate(manifest.features) if name in wanted]
        return cls(manifest.catalogue, places, manifest.coverage_floor)


@dataclass(frozen=True)
class Readiness:
    """Whether the evidence suffices, with how much of it there is."""

    basis: Basis
    coverage: float

    @property
    def is_enough(self) -> bool:
        return self.basis is Basis.SCORED


def readiness(
    evidence: Evidence,
    catalogue: str,
    values: Row,
    coverage: Sequence[float],
    *,
    is_suspended: bool = False,
) -> Readiness:
    """Judge the evidence: the mean coverage of what is asked for, a missing value being 0.

    Of a suspended model no evidence is enough.
    """
    if catalogue != evidence.catalogue:
        return Readiness(Basis.OTHER_CATALOGUE, 0.0)
    total = sum([coverage[at] for at in evidence.places if values[at] is not None])
    mean = round(total / len(evidence.places), COVERAGE_DIGITS)
    if is_suspended:
        return Readiness(Basis.CALIBRATION, mean)
    enough = mean >= evidence.floor
    return Readiness(Basis.SCORED if enough else Basis.LOW_COVERAGE, mean)


def level_of(probability: float, cuts: Thresholds) -> ModelLevel:
    """Return the level of a probability; red is never among them."""
    steps: tuple[tuple[float, Literal["orange", "yellow", "blue"]], ...] = (
        (cuts.orange, "orange"),
        (cuts.yellow, "yellow"),
        (cuts.blue, "blue"),
    )
    return next((level for cut, level in steps if probability >= cut), "none")


def may_open(probability: float | None, cuts: Thresholds) -> bool:
    """Return whether an alert may come of it: from half of blue's cut on.

    Alerts open by the bands of their policy, which may lie below the model's own cuts; half leaves
    room for that without keeping what is said of everybody.
    """
    return probability is not None and probability >= cuts.blue / 2


def reasons(
    features: Sequence[str], shares: Array, values: Sequence[Row], usual: Sequence[Row]
) -> list[list[Contribution]]:
    """Return each student's largest shares of the logit, largest first; ties in feature order."""
    order = np.argsort(-np.abs(shares), axis=1, kind="stable")[:, :TOP]
    largest = np.take_along_axis(shares, order, axis=1)
    return [
        [
            Contribution(features[at], rounded, seen[at], before[at])
            for at, share in zip(places, top, strict=True)
            if (rounded := round(share, DIGITS))
        ]
        for places, top, seen, before in zip(
            order.tolist(), largest.tolist(), values, usual, strict=True
        )
    ]


def silence(features: Sequence[str], values: Row, usual: Row) -> list[Contribution]:
    """Return the plain count of silent days, without a share: rules read it, no model does."""
    at = features.index(SILENT_DAYS) if SILENT_DAYS in features else None
    return [] if at is None else [Contribution(SILENT_DAYS, 0.0, values[at], usual[at])]


def missing(features: Sequence[str], values: Row) -> list[str]:
    """Return the indicators without a value."""
    return [name for name, value in zip(features, values, strict=True) if value is None]
