"""Campus events: a CloudEvents 1.0 envelope around one small, versioned data type per stream.

The `type` attribute selects the class. Unknown envelope extensions are ignored, as CloudEvents
asks; unknown *data* fields are refused, because nothing beyond these fields may be collected.
On the wire before ingest `subject` is a student number; on `campus.events.v1` it is a pseudonym,
`time` is `YYYY-MM-DDTHH:MM:SSZ` in UTC, `feed` names the feed that delivered the event and
`traceparent` its source's trace, else that of the request it came by.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Time = Annotated[str, Meta(min_length=20, max_length=40)]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Yuan = Annotated[float, Meta(ge=0, le=100_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
Minutes = Annotated[float, Meta(ge=0, le=100_000)]
Precision = Literal["second", "minute", "day"]


class CardSwipe(Struct, gc=False, forbid_unknown_fields=True):
    """One purchase or service with the campus card; `amount` in yuan."""

    merchant: Literal[
        "meal", "shop", "shower", "water", "transport", "printing", "library", "other"
    ]
    amount: Yuan
    device: Code | None = None


class GatePass(Struct, gc=False, forbid_unknown_fields=True):
    """One pass of a door or gate reader; `place` is a building code."""

    gate: Literal["dorm", "library", "teaching", "lab", "campus"]
    place: Code
    direction: Literal["in", "out"]
    granted: bool = True


class LibraryLoan(Struct, gc=False, forbid_unknown_fields=True):
    """Items lent, renewed, returned or overdue; never which items."""

    action: Literal["loan", "renewal", "return", "overdue"]
    items: Annotated[int, Meta(ge=1, le=1000)] = 1


class NetworkSession(Struct, gc=False, forbid_unknown_fields=True):
    """One network session from the event's `time` to `end`; categories are minutes, no content."""

    end: Time
    building: Code
    bytes_up: Count = 0
    bytes_down: Count = 0
    entertainment_minutes: Minutes = 0.0


class FlowSummary(Struct, gc=False, forbid_unknown_fields=True):
    """A day's flows: counts in 16 logarithmic bins of duration (1 s x 2^k)."""

    durations: Annotated[list[Count], Meta(min_length=16, max_length=16)]
    packets_per_flow: Annotated[float, Meta(ge=0, le=1e9)] = 0.0


class GradePosted(Struct, gc=False, forbid_unknown_fields=True):
    """One course result, or a rank where only ranks are known.

    `points` are grade points (0-5), `percentile` is rank / class size (0 best, 1 weakest).
    """

    term: Code
    status: Literal["passed", "failed", "deferred", "ranked"]
    credits: Annotated[float, Meta(ge=0, le=60)] = 0.0
    points: Annotated[float, Meta(ge=0, le=5)] | None = None
    percentile: Annotated[float, Meta(ge=0, le=1)] | None = None


class Milestone(Struct, gc=False, forbid_unknown_fields=True):
    """A stage of graduate training, such as proposal (开题), mid-term (中期), defence (答辩)."""

    kind: Literal["plan", "proposal", "midterm", "predefence", "defence", "publication"]
    due: Date
    done: Date | None = None


class LearningActivity(Struct, gc=False, forbid_unknown_fields=True):
    """Something done on the learning platform; `deadline` where the task has one."""

    verb: Literal["viewed", "submitted", "attempted", "posted", "completed"]
    course: Code
    deadline: Time | None = None
    score: Annotated[float, Meta(ge=0, le=1)] | None = None


class Attendance(Struct, gc=False, forbid_unknown_fields=True):
    """A scheduled class, laboratory shift or group meeting, attended or missed."""

    kind: Literal["class", "lab", "group_meeting"]
    status: Literal["attended", "missed"]
    group: Code
    minutes: Minutes = 0.0


class AdvisorContact(Struct, gc=False, forbid_unknown_fields=True):
    """A one-to-one contact with the advisor; latency in hours, no content."""

    kind: Literal["meeting", "reply", "review"]
    latency_hours: Annotated[float, Meta(ge=0, le=100_000)] | None = None


class LiteratureProgress(Struct, gc=False, forbid_unknown_fields=True):
    """A literature-analysis task moved to a stage; never its text."""

    task: Code
    stage: Code


class Screening(Struct, gc=False, forbid_unknown_fields=True):
    """Answers to a scale, item by item in its published order."""

    scale: Literal["phq9", "gad7", "scl90", "upi", "sds"]
    items: Annotated[list[Annotated[int, Meta(ge=0, le=5)]], Meta(min_length=1, max_length=100)]
    base: Annotated[int, Meta(ge=0, le=1)] = 0
    doubtful: bool = False


class PersonReport(Struct, gc=False, forbid_unknown_fields=True):
    """A concern reported by a person; coded, never free text."""

    urgency: Literal["routine", "soon", "urgent"]
    reporter: Literal["self", "peer", "advisor", "dormitory", "counsellor", "family", "anonymous"]
    concern: Literal["mood", "conflict", "study", "health", "safety", "missing", "other"]


class EventBase(Struct, gc=False, kw_only=True, tag_field="type", omit_defaults=True):
    """The CloudEvents attributes that every campus event carries."""

    id: Text
    source: Text
    subject: Text
    time: Time
    specversion: Literal["1.0"] = "1.0"
    timeprecision: Precision = "second"
    feed: str = ""
    traceparent: str | None = None


class CardSwiped(EventBase, gc=False, tag="lantern.card.swiped.v1"):
    """Card stream (一卡通)."""

    data: CardSwipe


class GatePassed(EventBase, gc=False, tag="lantern.gate.passed.v1"):
    """Door and gate stream (门禁)."""

    data: GatePass


class LibraryLoaned(EventBase, gc=False, tag="lantern.library.loaned.v1"):
    """Loan stream (借阅)."""

    data: LibraryLoan


class NetworkUsed(EventBase, gc=False, tag="lantern.network.used.v1"):
    """Network session stream (上网认证)."""

    data: NetworkSession


class FlowsSummarised(EventBase, gc=False, tag="lantern.network.flows.v1"):
    """Flow summary stream (流量摘要)."""

    data: FlowSummary


class GradePostedEvent(EventBase, gc=False, tag="lantern.grade.posted.v1"):
    """Grade stream (成绩)."""

    data: GradePosted


class MilestoneSet(EventBase, gc=False, tag="lantern.milestone.set.v1"):
    """Milestone stream (培养环节)."""

    data: Milestone


class LearningActed(EventBase, gc=False, tag="lantern.learning.acted.v1"):
    """Learning platform stream (学习平台)."""

    data: LearningActivity


class AttendanceRecorded(EventBase, gc=False, tag="lantern.attendance.recorded.v1"):
    """Attendance stream (考勤)."""

    data: Attendance


class AdvisorContacted(EventBase, gc=False, tag="lantern.advisor.contacted.v1"):
    """Advisor contact stream (导师联系)."""

    data: AdvisorContact


class LiteratureProgressed(EventBase, gc=False, tag="lantern.literature.progressed.v1"):
    """Literature task stream (文献任务)."""

    data: LiteratureProgress


class ScreeningSubmitted(EventBase, gc=False, tag="lantern.screening.submitted.v1"):
    """A screening: reaches alerts by rule, never by the model."""

    data: Screening


class ReportFiled(EventBase, gc=False, tag="lantern.report.filed.v1"):
    """A report by a person: never outvoted by the model."""

    data: PersonReport


CampusEvent = (
    CardSwiped
    | GatePassed
    | LibraryLoaned
    | NetworkUsed
    | FlowsSummarised
    | GradePostedEvent
    | MilestoneSet
    | LearningActed
    | AttendanceRecorded
    | AdvisorContacted
    | LiteratureProgressed
    | ScreeningSubmitted
    | ReportFiled
)


class FeedDay(Struct, gc=False, frozen=True):
    """What a feed delivered for one campus day: events received, and the share of what was due."""

    day: Date
    received: int
    yield_share: Annotated[float, Meta(ge=0, le=1)]


class FeedYield(Struct, gc=False, frozen=True):
    """One feed as a tick sees it; `types` are the event types that it delivers."""

    feed: str
    types: list[str]
    state: Literal["alive", "late", "dead"]
    days: list[FeedDay]


class Tick(Struct, gc=False, kw_only=True, tag_field="type", tag="lantern.tick.v1"):
    """Time itself, as a record in every partition of `campus.events.v1`.

    `time` is the tick's moment: event time in a replay, wall clock when live. `feeds` carries the
    last days' yields, so that every partition judges silence by the same facts at the same place in
    its log. A tick not later than the last one applied is a repeat and changes nothing.
    """

    id: str
    time: Time
    source: str = "lantern/ingest"
    specversion: Literal["1.0"] = "1.0"
    feeds: list[FeedYield] = []


CampusRecord = CampusEvent | Tick
EVENT_CLASSES: tuple[type[EventBase], ...] = CampusEvent.__args__
EVENT_TYPES: dict[str, type[EventBase]] = {
    str(kind.__struct_config__.tag): kind for kind in EVENT_CLASSES
}
