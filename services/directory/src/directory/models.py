"""Requests and responses. No response but a reveal's and a machine's recipients names anybody."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from directory.domain.facts import CalendarKind, LeaveKind
from directory.domain.org import Kind
from directory.domain.person import Degree, DirectoryRole, Language
from directory.domain.reveal import Duty, Level

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:~-]{0,79}$"
TEXT_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
Words = Annotated[
    str,
    StringConstraints(pattern=TEXT_PATTERN, min_length=5, max_length=500, strip_whitespace=True),
]
MAX_CALENDAR_ENTRIES = 500


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeOut(BaseModel):
    """A unit of the organisation."""

    id: str
    kind: Kind
    parent: str | None
    name_zh: str
    name_en: str


class TreeOut(BaseModel):
    """Active units, parents first."""

    nodes: list[NodeOut]


class AssignmentOut(BaseModel):
    """A role at a unit; null dates are without limit."""

    role: DirectoryRole
    node: str
    valid_from: str | None
    valid_to: str | None


class PersonOut(BaseModel):
    """A person without name, number or address."""

    id: str
    student: str | None
    is_active: bool
    language: Language
    assignments: list[AssignmentOut]


class MaskOut(BaseModel):
    """Days on which absence is explained, both included."""

    kind: Literal["holiday", "leave", "internship", "exam", "exempt"]
    start: str
    end: str


class StudentOut(BaseModel):
    """A student's facts as published."""

    student: str
    school: str
    college: str
    team: str
    enrolled: bool
    degree: Degree
    intake: int
    masks: list[MaskOut]
    updated_at: str
    version: int


class StudentRowOut(BaseModel):
    """A student in a list."""

    student: str
    college: str
    team: str
    enrolled: bool


class StudentsOut(BaseModel):
    """A page; `next` goes into `after`, and is null on the last one."""

    students: list[StudentRowOut]
    next: str | None


class LeaveIn(_In):
    """Days on which a student is excused, both included."""

    kind: LeaveKind
    start: date
    end: date


class LeaveOut(BaseModel):
    """One entry of leave."""

    id: str
    student: str
    kind: LeaveKind
    start: str
    end: str
    is_withdrawn: bool


class LeavesOut(BaseModel):
    """All leave of a student, by start."""

    leaves: list[LeaveOut]


class CalendarEntryIn(_In):
    """Days of a holiday or an exam period, both included."""

    kind: CalendarKind
    start: date
    end: date


class CalendarIn(_In):
    """The whole calendar that people entered for a school or a college; it replaces the last."""

    node: Id
    entries: Annotated[list[CalendarEntryIn], Field(max_length=MAX_CALENDAR_ENTRIES)]


class CalendarEntryOut(BaseModel):
    """Days of a unit's calendar."""

    node: str
    kind: CalendarKind
    start: str
    end: str


class CalendarOut(BaseModel):
    """The academic calendar."""

    entries: list[CalendarEntryOut]


class CalendarChangedOut(BaseModel):
    """What a new calendar changed."""

    node: str
    entries: int
    students_changed: int


class ChannelOut(BaseModel):
    """One way to reach a person."""

    kind: Literal["email", "webhook"]
    address: str


class RecipientOut(BaseModel):
    """Somebody whom a tier tells."""

    person: str
    role: DirectoryRole
    tier: Kind
    language: Language
    channels: list[ChannelOut]


class RecipientsOut(BaseModel):
    """Whom a tier tells about a student."""

    recipients: list[RecipientOut]


class RevealIn(_In):
    """Whose identity, for which duty, why. A level that is not given counts as above yellow."""

    pseudonym: Id
    duty: Duty
    reason: Words
    level: Level | None = None
    break_glass: bool = False


class IdentityOut(BaseModel):
    """An opened identity."""

    name: str
    number: str
    email: str | None


class RevealOut(BaseModel):
    """`identity` is there only where it was opened for this caller."""

    id: str
    student: str
    status: Literal["pending", "approved", "opened"]
    reason: str
    needs_review: bool
    expires_at: str
    identity: IdentityOut | None = None


class ReviewOut(BaseModel):
    """A break-glass reveal that awaits review."""

    id: str
    student: str
    duty: Duty
    reason: str
    requested_by: str


class ReviewsOut(BaseModel):
    """Break-glass reveals, oldest first."""

    reveals: list[ReviewOut]


class LookupIn(_In):
    """A student number whose pseudonym is wanted."""

    number: Annotated[str, StringConstraints(pattern=TEXT_PATTERN, min_length=1, max_length=64)]


class LookupOut(BaseModel):
    """The pseudonym of a student number."""

    student: str


class FaultOut(BaseModel):
    """A line that was not taken; its value is not repeated."""

    file: str
    line: int
    column: str
    reason: str


class FileReportOut(BaseModel):
    """Counts of one file."""

    file: str
    read: int
    inserted: int
    updated: int
    unchanged: int
    removed: int
    rejected: int
    ignored: int


class RosterReportOut(BaseModel):
    """What an import did; `faults` are the first ones, `faults_total` counts all."""

    files: list[FileReportOut]
    faults: list[FaultOut]
    faults_total: int
    students_published: int


class AuditEntryOut(BaseModel):
    """One link of the audit chain."""

    sequence: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    detail: dict[str, str]
    previous: str
    hash: str


class AuditOut(BaseModel):
    """A page; `next` goes into `after`, and is null on the last one."""

    entries: list[AuditEntryOut]
    next: int | None


class VerdictOut(BaseModel):
    """The result of checking the chain."""

    is_intact: bool
    entries: int
    head: str
    first_broken: int | None
    fault: str | None
