"""Which bundle is champion: a fold over the log of changes, each made by a person with a reason.

A change gets a new *revision*: everybody is assessed again under it, and readers order a student's
assessments by (position, revision). Suspension is a change too: while it lasts, the champion
abstains with the reason `calibration`, and only a person ends it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from shared.kernel.chain import GENESIS, first_broken, link
from shared.kernel.errors import ConflictError

Action = Literal["promote", "rollback", "suspend", "resume"]
SYSTEM = "system"


@dataclass(frozen=True)
class Change:
    """What was asked for: who, when, why, from which bundle to which; `digest` is its content's."""

    at: str
    actor: str
    action: Action
    bundle_from: str
    bundle_to: str
    reason: str
    digest: str = ""
    is_forced: bool = False


@dataclass(frozen=True)
class Logged:
    """A change as it stands in the log; `number` is the revision that it began."""

    number: int
    change: Change
    previous: str
    hash: str

    @property
    def content(self) -> dict[str, object]:
        return _content(self.number, self.change)


@dataclass(frozen=True)
class Standing:
    """What serves now; `before` are the champions that a rollback would return to, newest last.

    `digest` is the content that the log made champion; of the settings' bundle none is logged.
    """

    champion: str
    revision: int = 0
    before: tuple[str, ...] = ()
    suspended: Change | None = None
    digest: str = ""

    @property
    def is_suspended(self) -> bool:
        return self.suspended is not None


def standing(initial: str, log: Iterable[Logged]) -> Standing:
    """Fold the log; `initial` is the bundle of the settings, which holds while the log is empty."""
    now = Standing(initial)
    for number, logged in enumerate(log):
        change = logged.change
        if number == 0:
            now = Standing(change.bundle_from)
        now = _after(now, logged.number, change)
    return now


def _after(now: Standing, number: int, change: Change) -> Standing:
    match change.action:
        case "promote":
            return Standing(
                change.bundle_to, number, (*now.before, now.champion), digest=change.digest
            )
        case "rollback":
            return Standing(change.bundle_to, number, now.before[:-1], digest=change.digest)
        case "suspend":
            return replace(now, revision=number, suspended=change)
        case "resume":
            return replace(now, revision=number, suspended=None)


def to_promote(now: Standing, bundle: str) -> str:
    """Return the bundle to promote.

    Raises:
        ConflictError: it is champion already.
    """
    if bundle == now.champion:
        raise ConflictError("is_champion", f"{bundle} is the champion already")
    return bundle


def to_roll_back(now: Standing) -> str:
    """Return the champion before this one.

    Raises:
        ConflictError: there was none.
    """
    if not now.before:
        raise ConflictError("nothing_before", "there is no champion before this one")
    return now.before[-1]


def to_resume(now: Standing) -> str:
    """Return the champion that scores again.

    Raises:
        ConflictError: it is not suspended.
    """
    if not now.is_suspended:
        raise ConflictError("not_suspended", "the champion is not suspended")
    return now.champion


def logged(change: Change, last: Logged | None) -> Logged:
    """Return a change as the next link of the chain."""
    number = last.number + 1 if last else 1
    previous = last.hash if last else GENESIS
    return Logged(number, change, previous, link(previous, _content(number, change)))


def broken_at(log: Iterable[Logged]) -> int | None:
    """Return the number of the first link that does not fit, None while the log is whole."""
    return first_broken((one.content, one.previous, one.hash) for one in log)


def _content(number: int, change: Change) -> dict[str, object]:
    return vars(change) | {"number": number}
