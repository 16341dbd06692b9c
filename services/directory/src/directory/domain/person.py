"""People and what they are where; no name, number or address is in these values."""

from dataclasses import dataclass
from typing import Literal, get_args

from directory.domain.org import Kind

DirectoryRole = Literal[
    "school_officer", "college_counsellor", "advisor", "peer_helper", "student", "it"
]
Degree = Literal["master", "doctor", "bachelor", "other"]
Language = Literal["zh", "en"]
ROLE_NAMES: tuple[DirectoryRole, ...] = get_args(DirectoryRole)
ROLE_KINDS: dict[DirectoryRole, tuple[Kind, ...]] = {
    "school_officer": ("school",),
    "college_counsellor": ("college",),
    "advisor": ("team",),
    "peer_helper": ("team",),
    "student": ("team", "college"),
    "it": ("school",),
}


@dataclass(frozen=True, order=True)
class Assignment:
    """A role at a node. Dates are ISO, both included; empty means without limit.

    `source` is the roster file that said so; an import replaces what the same file said before.
    """

    source: str
    person: str
    role: DirectoryRole
    node: str
    valid_from: str = ""
    valid_to: str = ""
    is_primary: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What may exist once."""
        return self.source, self.person, self.role, self.node

    def is_valid(self, day: str) -> bool:
        return (not self.valid_from or self.valid_from <= day) and (
            not self.valid_to or day <= self.valid_to
        )


@dataclass(frozen=True)
class Person:
    """A person as everybody but the vault knows them."""

    id: str
    pseudonym: str | None
    language: Language
    is_active: bool
    content_mac: str = ""


@dataclass(frozen=True)
class Contact:
    """One way to reach a person."""

    kind: Literal["email", "webhook"]
    address: str


@dataclass(frozen=True)
class Recipient:
    """Somebody whom a tier may tell; `contacts` is empty for callers that may not see them."""

    person: str
    role: DirectoryRole
    tier: Kind
    language: Language
    contacts: tuple[Contact, ...] = ()


TIER_ROLES: dict[Kind, tuple[DirectoryRole, ...]] = {
    "team": ("advisor", "peer_helper"),
    "college": ("college_counsellor",),
    "school": ("school_officer",),
}
