"""A risk assessment on `risk.assessments.v1`."""

from typing import Literal

from msgspec import Struct

ModelLevel = Literal["none", "blue", "yellow", "orange"]
AbstainReason = Literal["low_coverage", "other_catalogue", "calibration"]


class Contribution(Struct, gc=False, frozen=True):
    """One indicator's share of the logit, with its value and the student's usual value."""

    indicator: str
    share: float
    value: float | None
    usual: float | None


class Assessment(Struct, gc=False, frozen=True, kw_only=True):
    """What a model said of one vector; red is never set by a model.

    `status` `abstained` has no probability, level `none`, says why in `abstained_for`, and names
    what was missing. While a champion is suspended it abstains for `calibration`, and gives its
    silent days without a share, since the plain rule on silence goes on.
    `vector` is the vector's id, `input_digest` SHA-256 of its values, coverage and catalogue.
    `position` is the vector's, `revision` counts the changes of what is served: readers order a
    student's assessments by (position, revision). `id` is deterministic in (vector, model,
    revision).
    """

    id: str
    student: str
    vector: str
    position: int
    as_of: str
    model: str
    input_digest: str
    status: Literal["scored", "abstained"]
    probability: float | None
    level: ModelLevel
    coverage: float
    contributions: list[Contribution]
    missing: list[str] = []
    dead_feeds: list[str] = []
    college: str | None = None
    traceparent: str | None = None
    revision: int = 0
    abstained_for: AbstainReason | None = None
