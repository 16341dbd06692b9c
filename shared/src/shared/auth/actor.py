"""Who is asking: one frozen value, whatever the way of proving it."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal[
    "school_officer",
    "college_counsellor",
    "advisor",
    "peer_helper",
    "student",
    "it",
    "service",
]


@dataclass(frozen=True)
class Actor:
    """A caller with roles and scope; `id` is a person's opaque id, never a name.

    `colleges` and `teams` bound what the roles reach; a school officer reaches every college.
    `student` is the caller's own pseudonym where the caller is a student.
    """

    id: str
    roles: frozenset[Role]
    school: str | None = None
    colleges: frozenset[str] = field(default_factory=frozenset)
    teams: frozenset[str] = field(default_factory=frozenset)
    student: str | None = None
