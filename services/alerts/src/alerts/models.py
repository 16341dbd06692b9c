"""Requests and responses. Three views of an alert: what a tier may not know is not in its model."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.alert import Level, Tier, Verdict

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,120}$")]
Status = Literal["open", "acknowledged", "resolved"]
StatusFilter = Literal["active", "open", "acknowledged", "resolved", "all", "to_review"]
Deed = Literal["acknowledge", "resolve", "review"]
AlertLevel = Literal["blue", "yellow", "orange", "red"]
ReasonCategory = Literal["pattern", "silence", "screening", "report", "review"]
LevelReason = Literal[
    "spoke_with_student", "plan_or_means", "direct_report", "missing", "reassessed", "new_facts"
]
NoteCode = Literal[
    "talk_held", "referred", "plan_agreed", "family_informed", "no_answer", "wrong_data", "other"
]


class Model(BaseModel):
    """Unknown fields are refused, on the way in and on the way out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Model):
    """A text in both languages."""

    zh: str
    en: str


class TeamAlertOut(Model):
    """The team's view (advisor, peer helper): a request; no level, score, reason or scale.

    `may`: what the caller may do with it now.
    """

    view: Literal["team"] = "team"
    id: str
    student: str
    request: Bilingual
    since: str
    status: Status
    may: list[Deed]


class CollegeAlertOut(Model):
    """The college's view: level, the plain kind of reason, coverage, where to read the reasons.

    `is_silent`: opened in a silent trial, nobody was told.
    `is_verdict_hidden`: others' verdicts are shown to who may review only after the own one.
    `assessment` names the assessment whose contributions say the reasons in plain language.
    `may`: what the caller may do with it now.
    """

    view: Literal["college"] = "college"
    id: str
    student: str
    college: str | None
    team: str | None
    level: Level
    level_name: Bilingual
    status: Status
    reason_kinds: list[ReasonCategory]
    coverage: float | None
    is_coverage_too_low: bool
    assessment: str | None
    opened_at: str
    updated_at: str
    acknowledged_by: list[Tier]
    person_needed_by: str | None
    is_silent: bool
    verdict: Verdict | None
    is_verdict_hidden: bool
    may: list[Deed]


class SchoolAlertOut(CollegeAlertOut):
    """The school centre's view: the college's, with the rules that fired and who was told."""

    view: Literal["school"] = "school"  # type: ignore[assignment]  # one literal a tier
    school: str | None
    reason: str
    reasons: list[str]
    told: list[Tier]


AlertOut = Annotated[SchoolAlertOut | CollegeAlertOut | TeamAlertOut, Field(discriminator="view")]


class TeamHistoryOut(Model):
    """What a team may know of the course: asked, acknowledged, resolved."""

    kind: Literal["asked", "acknowledged", "resolved"]
    at: str


class CollegeHistoryOut(Model):
    """A line of the history without rules or scales."""

    sequence: int
    kind: str
    level: Level
    reason_kind: ReasonCategory
    at: str
    tier: Tier | None
    verdict: Verdict | None


class SchoolHistoryOut(CollegeHistoryOut):
    """A line of the full history."""

    reason: str
    track: Literal["model", "rule", "person"]
    actor: str | None
    assessment: str | None
    trace_id: str | None


class TeamAlertDetail(TeamAlertOut):
    """The team's view with its history."""

    history: list[TeamHistoryOut]


class CollegeAlertDetail(CollegeAlertOut):
    """The college's view with its history."""

    history: list[CollegeHistoryOut]


class SchoolAlertDetail(SchoolAlertOut):
    """The school's view with the full history."""

    history: list[SchoolHistoryOut]


AlertDetail = Annotated[
    SchoolAlertDetail | CollegeAlertDetail | TeamAlertDetail, Field(discriminator="view")
]


class AlertPage(Model):
    """A page of alerts, newest first; `next` is the cursor of the following page."""

    alerts: list[AlertOut]
    next: str | None


class AlertChange(Model):
    """One event of the live stream: the alert as it now stands for this viewer."""

    kind: str
    alert: AlertOut


class ResolveIn(Model):
    """How the alert ends; a verdict is not a diagnosis."""

    verdict: Verdict
    note: NoteCode | None = None


class ReviewIn(Model):
    """One's own verdict; null declines to give one, for good, and shows the others'."""

    verdict: Verdict | None


class LevelIn(Model):
    """A person's ruling on the level; red is set here and nowhere else."""

    level: AlertLevel
    reason: LevelReason


class OutboxItemOut(Model):
    """One message or publication, its state and the provider's last code; no address."""

    number: int
    key: str
    lane: Literal["publication", "console", "route", "message"]
    state: Literal["pending", "sending", "sent", "dead"]
    alert: str
    tier: Tier | None
    channel: Literal["console", "email", "webhook"] | None
    person: str | None
    attempts: int
    held_until: str | None
    held_because: Literal["retry", "lease"] | None
    code: str | None
    receipt: str | None
    trace_id: str | None
    created_at: str
    finished_at: str | None


class OutboxPage(Model):
    """A page of the outbox, newest first; `next` goes into `before`."""

    items: list[OutboxItemOut]
    next: int | None


class BandOut(Model):
    """A level's thresholds."""

    level: Level
    rise_at: float
    fall_below: float
    sustained_s: float


class EscalationOut(Model):
    """A recorded escalation step."""

    after_s: float
    to: Tier
    by_phone: bool


class LevelPolicyOut(Model):
    """What a level means for people."""

    level: Level
    name: Bilingual
    tiers: list[Tier]
    delivery: Literal["at_once", "digest"]
    quiet_hours: Literal["hold", "bypass"]
    acknowledge_within_s: float
    contact_within_s: float
    review_every_s: float
    expires_after_s: float | None
    escalation: list[EscalationOut]


class TierPolicyOut(Model):
    """Who a tier is and what it may see."""

    tier: Tier
    roles: list[str]
    sees: list[str]
    bypass_in_conflict: bool


class PolicyOut(Model):
    """The policy in force."""

    version: str
    approved_by: str | None
    digest: str
    bands: list[BandOut]
    levels: list[LevelPolicyOut]
    tiers: list[TierPolicyOut]
    silent_colleges: list[str]
    second_verdict_colleges: list[str]
    silence_indicators: list[str]
    silent_days: dict[str, float]
    clean_reviews_to_fall: int
    red_clock_s: float


class DryRunRecipient(Model):
    """Who would be told; no address."""

    person: str
    channel: Literal["email", "webhook"]


class DryRunStep(Model):
    """One tier of a dry run."""

    tier: Tier
    reason: Literal["told_at_level", "passed_up", "in_digest"]
    acknowledge_within_s: float
    recipients: list[DryRunRecipient]
    message: str


class DryRunOut(Model):
    """What an alert of this level would do for this student now; nothing is sent."""

    student: str
    level: Level
    policy: str
    steps: list[DryRunStep]
    escalation: list[EscalationOut]


class DeadFeedOut(Model):
    """A data source that is down: evidence of absence that rests on it is withheld."""

    feed: str
    since: str


class InhibitionsOut(Model):
    """What is withheld at present, and why."""

    reason: Literal["withheld_dead_feed"] = "withheld_dead_feed"
    feeds: list[DeadFeedOut]
    is_model_suspended: bool


class DigestOut(Model):
    """A hash of all alerts, without wall-clock times."""

    alerts: str
    students: int
