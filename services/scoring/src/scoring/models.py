"""Requests and responses of the REST API."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_FEATURES = 512
Value = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VectorIn(_In):
    """One vector in the order of the catalogue; null is missing."""

    values: list[Value | None] = Field(max_length=MOST_FEATURES)
    coverage: list[Share] = Field(max_length=MOST_FEATURES)
    usual: list[Value | None] | None = Field(None, max_length=MOST_FEATURES)


class ScoreIn(_In):
    """One vector or many; `catalogue` is the hash that they were computed with."""

    catalogue: Hash
    vectors: list[VectorIn] = Field(min_length=1, max_length=10_000)
    explain: bool = True


class ContributionOut(BaseModel):
    """One indicator's share of the logit, with its value and the student's usual value.

    `zh` and `en` say the value in a plain sentence, for example "breakfast on 2 of the last 14
    days; usually 9".
    """

    indicator: str
    share: float
    value: float | None
    usual: float | None
    zh: str
    en: str


class ScoreOut(BaseModel):
    """What the model says of one vector; red is never among the levels."""

    status: Literal["scored", "abstained"]
    probability: float | None
    level: Literal["none", "blue", "yellow", "orange"]
    coverage: float
    contributions: list[ContributionOut]
    missing: list[str]


class ScoresOut(BaseModel):
    """Scores in the order of the request, by one model."""

    model: str
    scores: list[ScoreOut]


class AssessmentOut(ScoreOut):
    """The latest assessment of a student."""

    id: str
    student: str
    vector: str
    position: int
    as_of: str
    model: str
    input_digest: str
    dead_feeds: list[str]
    college: str | None


class MetricOut(BaseModel):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class ModelOut(BaseModel):
    """The model in service, from its verified manifest, and its card."""

    model: str
    title: str
    catalogue: str
    features: list[str]
    thresholds: dict[str, float]
    coverage_floor: float
    prevalence: float
    metrics: dict[str, MetricOut]
    data: dict[str, str | int]
    seed: int
    signed_by: str
    digest: str
    card: str


class RefusalOut(BaseModel):
    """The bundle on disk that is not served, and why."""

    reason: str
    detail: str


class ModelsOut(BaseModel):
    """What is served, and what was refused at the last look."""

    lane: str
    serving: list[ModelOut]
    refused: RefusalOut | None


class ReloadOut(BaseModel):
    """The outcome of a reload; a refused bundle leaves the old one serving."""

    outcome: Literal["swapped", "unchanged", "refused"]
    model: str | None
    refused: RefusalOut | None


class DigestOut(BaseModel):
    """SHA-256 over all assessments."""

    assessments: Hash
