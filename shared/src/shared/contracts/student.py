"""Pseudonymous student facts on `directory.students.v1`: no name, no number, no contact."""

from typing import Literal

from msgspec import Struct

MaskKind = Literal["holiday", "leave", "internship", "exam", "exempt"]


class Mask(Struct, gc=False, frozen=True):
    """Campus days from `start` to `end`, both included, on which absence means nothing.

    `exam` adjusts and does not mask: it is context for the cohort.
    """

    kind: MaskKind
    start: str
    end: str


class StudentFacts(Struct, gc=False, frozen=True, kw_only=True):
    """Where a student belongs and when absence is explained; the whole state, last one wins.

    `team`, `college` and `school` are node ids of the organisation tree. `masks` joins the academic
    calendar with the student's own leave. A student who left has `enrolled` false.
    """

    student: str
    school: str
    college: str
    team: str
    enrolled: bool
    degree: Literal["master", "doctor", "bachelor", "other"]
    intake: int
    masks: list[Mask]
    updated_at: str
    version: int
