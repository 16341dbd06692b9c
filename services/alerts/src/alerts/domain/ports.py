"""What the use cases need from outside, as small protocols."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from alerts.domain.alert import Entry, Notice, OpenAlert, StudentState
from alerts.domain.review import Reviewable
from shared.contracts.alert import Tier
from shared.kernel.errors import DeliveryError

Channel = Literal["console", "email", "webhook"]
Lane = Literal["publication", "console", "route", "message"]
OutboxState = Literal["pending", "sending", "sent", "dead"]


@dataclass(frozen=True)
class Membership:
    """Where a student belongs; what directory has not told yet is None."""

    school: str | None = None
    college: str | None = None
    team: str | None = None


@dataclass(frozen=True)
class Changes:
    """All that one batch of decisions writes, in the order of the decisions."""

    states: Sequence[StudentState]
    alerts: Sequence[tuple[str, OpenAlert]]
    entries: Sequence[Entry]
    notices: Sequence[Notice]


class DecisionStore(Protocol):
    """The decisions' tables inside one open transaction."""

    async def load(self, students: Sequence[str]) -> Mapping[str, StudentState]:
        """Lock and return the states of students, new ones included."""
        ...

    async def write(self, changes: Changes) -> None: ...

    async def colleges(self, students: Sequence[str]) -> Mapping[str, str]:
        """Return the colleges of students whom directory has placed."""
        ...

    async def student_of(self, alert: str) -> str | None:
        """Return whose alert this is."""
        ...

    async def reviewable(self, alert: str) -> Reviewable:
        """Return an alert that exists, with who has judged it."""
        ...

    async def revive(self, number: int, address: str | None) -> bool:
        """Make a dead row of the outbox due again; False: it is not dead."""
        ...


class Stores(Protocol):
    """Opens a transaction for the use cases that are not driven by the stream."""

    def write(self) -> AbstractAsyncContextManager[DecisionStore]: ...


@dataclass(frozen=True)
class Recipient:
    """One person's address on one channel, as directory knows it at the time of sending."""

    person: str
    channel: Channel
    address: str
    language: str = "zh"


class Recipients(Protocol):
    """Who is told, asked at the time of sending."""

    async def of(self, student: str, tier: Tier) -> Sequence[Recipient]:
        """Return the tier's people.

        Raises:
            DeliveryError: directory cannot say now.
        """
        ...


@dataclass(frozen=True)
class Item:
    """One claimed outbox row; `key` stays the same through all attempts."""

    number: int
    key: str
    lane: Lane
    alert: str
    student: str
    attempts: int
    sequence: int = 0
    tier: Tier | None = None
    level: str = "none"
    channel: Channel | None = None
    person: str | None = None
    address: str | None = None
    body: str = ""
    traceparent: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What the provider answered when it accepted."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Again:
    """The attempt failed; the next one is due at `at`."""

    code: str
    at: float


@dataclass(frozen=True)
class Dead:
    """No attempt follows; `above` is the tier that is told when nobody of this one was."""

    code: str
    above: Tier | None = None


Outcome = Receipt | Again | Dead


class Sender(Protocol):
    """One channel. It reads the provider's answer and never assumes."""

    channel: Channel

    async def send(self, item: Item) -> Receipt:
        """Hand one message over.

        Raises:
            DeliveryError: refused; its `retry` and `code` say what follows.
        """
        ...


class LaterError(DeliveryError):
    """The provider asks to come back after `after_s`."""

    def __init__(self, code: str, *, after_s: float, detail: str = "") -> None:
        self.after_s = after_s
        super().__init__(code, retry=True, detail=detail)


class Outbox(Protocol):
    """The rows to be handed over, with leases. Times are wall-clock seconds."""

    def turn(self) -> AbstractAsyncContextManager[bool]:
        """Hold the turn of the one publisher; yields whether it is ours."""
        ...

    async def claim(self, lane: Lane, limit: int, now: float) -> Sequence[Item]: ...

    async def settle(self, outcomes: Sequence[tuple[Item, Outcome]], now: float) -> int:
        """Write the outcomes of one claim in one transaction; returns how many rows were ours."""
        ...

    async def route(self, item: Item, recipients: Sequence[Recipient], now: float) -> int:
        """Replace a route by one message a recipient and channel, in one transaction."""
        ...

    async def pass_up(self, item: Item, tier: Tier | None, now: float) -> None:
        """Nobody to tell in this tier: route to the next one and note why."""
        ...

    async def depth(self, now: float) -> Mapping[str, tuple[int, float]]:
        """Return waiting rows and the age of the oldest, by lane."""
        ...

    async def purge(self, before: float) -> int: ...
