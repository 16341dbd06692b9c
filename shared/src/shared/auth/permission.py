"""Who may do what, where: one pure table and one function over it.

`TABLE` says for each role how far each action reaches. An action that is not in a role's row is
refused, and so is every role that is not in the table. The tiers are nested: what a peer helper may
do an advisor may too, then the college counsellor, then the school officer (tested cell by cell).
`docs/permissions.md` is this table in words; `table()` renders it.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Literal, get_args

from shared.auth.actor import Actor, Role
from shared.kernel.errors import ForbiddenError

Action = Literal[
    "feed.read", "feed.manage", "dead.read", "dead.redrive", "tick.write",
    "org.read", "person.read", "roster.import", "calendar.write", "leave.write",
    "identity.reveal", "recipients.read", "audit.read",
    "features.read", "catalogue.read", "state.digest", "counts.read",
    "assessment.read", "model.read", "model.reload", "model.promote", "score.compute",
    "alert.read", "alert.acknowledge", "alert.resolve", "alert.review",
    "outbox.read", "outbox.retry", "policy.read",
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
ROLES: tuple[Role, ...] = get_args(Role)


class Reach(IntEnum):
    """How far a grant goes, from narrow to wide."""

    OWN = 1
    TEAM = 2
    COLLEGE = 3
    SCHOOL = 4
    ANY = 5


class Reason(StrEnum):
    """Why a decision fell as it did; the refusals are problem codes of a 403."""

    GRANTED = "granted"
    NO_ROLE = "no_role"
    ACTION_NOT_GRANTED = "action_not_granted"
    OUTSIDE_REACH = "outside_reach"


@dataclass(frozen=True)
class Scope:
    """Where the object of an action lives. What is not known stays None and grants nothing."""

    school: str | None = None
    college: str | None = None
    team: str | None = None
    student: str | None = None


NOWHERE = Scope()


@dataclass(frozen=True)
class Decision:
    """The answer and its reason; `role` and `reach` name the widest grant that allowed it."""

    is_allowed: bool
    reason: Reason
    role: Role | None = None
    reach: Reach | None = None

    def __bool__(self) -> bool:
        return self.is_allowed


@dataclass(frozen=True)
class Rows:
    """Which rows of a list an actor may see: put it in the query, never filter afterwards.

    A row is visible when `everything` is true, or its school, college, team or student is listed.
    """

    everything: bool = False
    schools: frozenset[str] = frozenset()
    colleges: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    students: frozenset[str] = frozenset()


_EVERYBODY: dict[Action, Reach] = {"catalogue.read": Reach.ANY}
_PEER_HELPER: dict[Action, Reach] = _EVERYBODY | {
    "org.read": Reach.ANY,
    "person.read": Reach.TEAM,
    "alert.read": Reach.TEAM,
    "alert.acknowledge": Reach.TEAM,
}
_ADVISOR: dict[Action, Reach] = _PEER_HELPER
_COLLEGE_COUNSELLOR: dict[Action, Reach] = _ADVISOR | {
    "person.read": Reach.COLLEGE,
    "calendar.write": Reach.COLLEGE,
    "leave.write": Reach.COLLEGE,
    "identity.reveal": Reach.COLLEGE,
    "features.read": Reach.COLLEGE,
    "assessment.read": Reach.COLLEGE,
    "model.read": Reach.ANY,
    "policy.read": Reach.ANY,
    "alert.read": Reach.COLLEGE,
    "alert.acknowledge": Reach.COLLEGE,
    "alert.resolve": Reach.COLLEGE,
    "alert.review": Reach.COLLEGE,
}
_SCHOOL_OFFICER: dict[Action, Reach] = _COLLEGE_COUNSELLOR | {
    "feed.read": Reach.ANY,
    "counts.read": Reach.ANY,
    "state.digest": Reach.ANY,
    "person.read": Reach.SCHOOL,
    "roster.import": Reach.ANY,
    "calendar.write": Reach.SCHOOL,
    "leave.write": Reach.SCHOOL,
    "identity.reveal": Reach.SCHOOL,
    "recipients.read": Reach.SCHOOL,
    "audit.read": Reach.ANY,
    "features.read": Reach.SCHOOL,
    "assessment.read": Reach.SCHOOL,
    "model.promote": Reach.ANY,
    "alert.read": Reach.SCHOOL,
    "alert.acknowledge": Reach.SCHOOL,
    "alert.resolve": Reach.SCHOOL,
    "alert.review": Reach.SCHOOL,
    "outbox.read": Reach.SCHOOL,
    "outbox.retry": Reach.SCHOOL,
}
_STUDENT: dict[Action, Reach] = _EVERYBODY | {
    "org.read": Reach.ANY,
    "person.read": Reach.OWN,
    "features.read": Reach.OWN,
    "assessment.read": Reach.OWN,
}
_IT: dict[Action, Reach] = _EVERYBODY | dict.fromkeys(
    (
        "feed.read", "feed.manage", "dead.read", "dead.redrive", "tick.write",
        "org.read", "counts.read", "state.digest", "model.read", "model.reload", "model.promote",
        "policy.read",
    ),
    Reach.ANY,
)  # fmt: skip
_SERVICE: dict[Action, Reach] = _EVERYBODY | dict.fromkeys(
    (
        "feed.read", "feed.manage", "dead.read", "dead.redrive", "tick.write",
        "org.read", "person.read", "roster.import", "calendar.write", "leave.write",
        "recipients.read", "features.read", "state.digest", "counts.read", "assessment.read",
        "model.read", "model.reload", "score.compute", "alert.read", "outbox.read", "outbox.retry",
        "policy.read",
    ),
    Reach.ANY,
)  # fmt: skip

TABLE: dict[Role, dict[Action, Reach]] = {
    "student": _STUDENT,
    "peer_helper": _PEER_HELPER,
    "advisor": _ADVISOR,
    "college_counsellor": _COLLEGE_COUNSELLOR,
    "school_officer": _SCHOOL_OFFICER,
    "it": _IT,
    "service": _SERVICE,
}


def allowed(actor: Actor, action: Action, scope: Scope = NOWHERE) -> Decision:
    """Decide whether an actor may do an action on an object that lives in `scope`."""
    known = [role for role in actor.roles if role in TABLE]
    if not known:
        return Decision(is_allowed=False, reason=Reason.NO_ROLE)
    grants = [(TABLE[role][action], role) for role in known if action in TABLE[role]]
    if not grants:
        return Decision(is_allowed=False, reason=Reason.ACTION_NOT_GRANTED)
    for reach, role in sorted(grants, reverse=True):
        if _reaches(actor, reach, scope):
            return Decision(is_allowed=True, reason=Reason.GRANTED, role=role, reach=reach)
    return Decision(is_allowed=False, reason=Reason.OUTSIDE_REACH)


def require(actor: Actor, action: Action, scope: Scope = NOWHERE) -> Decision:
    """Return the decision when it allows.

    Raises:
        ForbiddenError: its code is the reason of the refusal.
    """
    decision = allowed(actor, action, scope)
    if not decision:
        raise ForbiddenError(decision.reason.value, f"{action} is not allowed here")
    return decision


def visible(actor: Actor, action: Action) -> Rows:
    """Return the rows of a list that an actor may see.

    Raises:
        ForbiddenError: no role of the actor grants the action anywhere.
    """
    reaches = {TABLE[role][action] for role in actor.roles if action in TABLE.get(role, {})}
    if not reaches:
        raise ForbiddenError(allowed(actor, action).reason.value, f"{action} is not allowed here")
    at_school = Reach.SCHOOL in reaches
    own = {actor.student} if Reach.OWN in reaches and actor.student else set()
    return Rows(
        everything=Reach.ANY in reaches or (at_school and actor.school is None),
        schools=frozenset({actor.school}) if at_school and actor.school else frozenset(),
        colleges=actor.colleges if Reach.COLLEGE in reaches else frozenset(),
        teams=actor.teams if Reach.TEAM in reaches else frozenset(),
        students=frozenset(own),
    )


def _reaches(actor: Actor, reach: Reach, scope: Scope) -> bool:
    match reach:
        case Reach.ANY:
            return True
        case Reach.SCHOOL:  # an actor without a school belongs to the only one there is
            return actor.school is None or scope.school in (None, actor.school)
        case Reach.COLLEGE:
            return scope.college is not None and scope.college in actor.colleges
        case Reach.TEAM:
            return scope.team is not None and scope.team in actor.teams
        case Reach.OWN:
            return scope.student is not None and scope.student == actor.student


_HEAD = """# Permissions

Generated from `shared.auth.permission.TABLE`; a test fails when this page is not current
(`python -m shared.auth.permission > docs/permissions.md`).

A cell says how far the action of the row reaches for the role of the column: `own` the caller's own
data, `team` and `college` the nodes named in the caller's token, `school` every college of the
caller's school, `any` without a place. An empty cell is a refusal. Roles that are not here get
nothing. What a tier sees of an object that it may read is narrower still: the team tier (advisor,
peer helper) is shown a request and guidance, never a score, level or reason.
`identity.reveal` also needs a duty and a reason, and is audited; so is looking up whose number one
is (`POST /v1/identities/lookup`, the number in the body). `outbox.retry` joins the alert's history.
`alert.review` is a second verdict on a resolved alert, once a person, never by who resolved it; who
holds it for an alert is not shown others' verdicts before having given or declined one's own.
`model.promote` changes what serves (promote, roll back, end a suspension): with a reason, in a
hash-chained log, never by a service.
"""


def table() -> str:
    """Render the table as the page `docs/permissions.md`."""
    lines = ["| action | " + " | ".join(TABLE) + " |", "|---" * (len(TABLE) + 1) + "|"]
    for action in ACTIONS:
        cells = (row[action].name.lower() if action in row else "" for row in TABLE.values())
        lines.append(f"| `{action}` | " + " | ".join(cells) + " |")
    return _HEAD + "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201 - the page goes to standard output
