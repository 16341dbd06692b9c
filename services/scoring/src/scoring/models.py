"""Requests and responses of the REST API."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_FEATURES = 512
NO_NUL = r"^[^\x00]*$"
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


class PeersOut(BaseModel):
    """The median among `students` peers, at least 20, as their newest vectors have it."""

    value: float
    among: Literal["college_and_intake", "college", "everybody"]
    students: int


class ContributionOut(BaseModel):
    """One indicator's share of the logit, with its value and the student's usual value.

    `peers` is there where no usual value of the student's own is known yet. `zh` and `en` say the
    value in a plain sentence, for example "breakfast on 2 of the last 14 days; usually 9".
    """

    indicator: str
    share: float
    value: float | None
    usual: float | None
    peers: PeersOut | None = None
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


class ShadowOut(BaseModel):
    """A bundle that assesses everybody and is heard by nobody; `students` is how far it got."""

    bundle: str
    model: str | None
    status: Literal["working", "refused", "failed"]
    detail: str
    students: int


class ModelsOut(BaseModel):
    """What serves, what was refused at the last look, and the shadows.

    `suspended` says since when and why the champion abstains, null while it scores. `revision`
    counts the changes of what serves.
    """

    lane: str
    bundle: str
    revision: int
    suspended: str | None
    serving: list[ModelOut]
    refused: RefusalOut | None
    shadows: list[ShadowOut]


class ReasonIn(_In):
    """Why; it stands in the log."""

    reason: str = Field(min_length=3, max_length=500, pattern=NO_NUL)


class PromoteIn(ReasonIn):
    """Why, and whether it is done against the advice of the comparison."""

    force: bool = False


class ChangeOut(BaseModel):
    """One change of what serves; `hash` covers it and the hash before."""

    number: int
    at: str
    actor: str
    action: Literal["promote", "rollback", "suspend", "resume"]
    bundle_from: str
    bundle_to: str
    reason: str
    digest: str
    is_forced: bool
    hash: str


class ChangesOut(BaseModel):
    """All changes, oldest first; `broken_at` is the first that was altered, null while whole."""

    changes: list[ChangeOut]
    broken_at: int | None


class CellOut(BaseModel):
    """Students at one level by the champion and at another by the shadow, by the same cuts."""

    champion: str
    shadow: str
    students: int


class ComparisonOut(BaseModel):
    """What a promotion would do; `loud` is yellow and above, both sides by the champion's cuts."""

    champion_students: int
    shadow_students: int
    both: int
    agreement: float | None
    loud_before: int
    loud_after: int
    cells: list[CellOut]


class DriftOut(BaseModel):
    """One indicator beside the reference; figures are null where it is not judged."""

    indicator: str
    verdict: Literal["stable", "shifted", "missing", "too_few"]
    psi: float | None
    ks: float | None
    missing_share: float | None
    reference_missing_share: float | None


class DriftGroupOut(BaseModel):
    """One group; below 30 students neither size nor figures are given."""

    by: Literal["all", "college", "intake"]
    group: str
    students: int | None
    indicators: list[DriftOut]


class DriftReportOut(BaseModel):
    """The last measurement; `reference_vectors` is null where the bundle has no reference."""

    at: str
    model: str | None
    reference_vectors: int | None
    groups: list[DriftGroupOut]


class RatioOut(BaseModel):
    """Observed over expected needs among labels of one level, with its 95 % interval."""

    level: Literal["all", "none", "blue", "yellow", "orange"]
    labels: int
    observed: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None


class EstimateOut(BaseModel):
    """An estimate, true as far as the probabilities are calibrated: no label was read for it."""

    level: Literal["blue", "yellow", "orange"]
    threshold: float
    students: int
    flagged: int
    precision: MetricOut | None
    recall: MetricOut | None


class AgreementOut(BaseModel):
    """Cohen's kappa of the model's alerts that two people judged, the second blind to the first.

    Pairs are of all revisions. Of a third verdict and more none counts. `zh` and `en` say so.
    """

    pairs: int
    agreement: float | None
    kappa: float | None
    zh: str
    en: str


class PerformanceOut(BaseModel):
    """How the champion does under the revision in service.

    `waiting` alerts have no verdict yet. `calibration` counts alerts that the model opened, so it
    says nothing of whom it missed.
    """

    model: str | None
    revision: int
    waiting: int
    calibration: list[RatioOut]
    estimates: list[EstimateOut]
    agreement: AgreementOut


class ReloadOut(BaseModel):
    """The outcome of a reload; a refused bundle leaves the old one serving."""

    outcome: Literal["swapped", "unchanged", "refused"]
    model: str | None
    refused: RefusalOut | None


class DigestOut(BaseModel):
    """SHA-256 over all assessments."""

    assessments: Hash
