"""What the use cases need from outside: a log, a store, and someone who counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from ingest.domain.feed import Feed, FeedKey
from ingest.domain.ledger import Draft, FeedBook
from ingest.domain.letters import Letter, LetterQuery
from ingest.domain.results import EventResult
from ingest.domain.ticks import TickClock

Channel = Literal["events", "tick", "dead", "status"]


class Entry(NamedTuple):
    """One record for the log: a student's event, a tick for every partition, or news of a feed."""

    channel: Channel
    key: str
    value: bytes


class EventLog(Protocol):
    """The broker, as ingest sees it."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Return once all are acknowledged, in order within each partition.

        Raises:
            UnavailableError: not all were acknowledged in time; some may have been kept.
        """
        ...


@dataclass(frozen=True)
class Memory:
    """What a process has to know when it starts."""

    books: dict[str, FeedBook]
    clock: TickClock
    digests: Sequence[tuple[date, bytes]]


class LedgerStore(Protocol):
    """The books and the ids seen, durable."""

    async def recall(self, since: date) -> Memory:
        """Load all books and the digests received on `since` or later."""
        ...

    async def save(self, draft: Draft) -> None:
        """Write a draft in one transaction; raises UnavailableError when nothing was written."""
        ...

    async def books(self) -> dict[str, FeedBook]:
        """Return the books of all processes (without days)."""
        ...

    async def forget(self, before: date) -> int:
        """Delete digests received before a day; return how many rows went."""
        ...


class FeedStore(Protocol):
    """Feeds and their keys."""

    async def feeds(self) -> list[Feed]: ...

    async def add_feed(self, feed: Feed) -> bool:
        """Return False when the id is taken."""
        ...

    async def change_feed(self, feed: Feed) -> None: ...

    async def keys(self) -> list[FeedKey]: ...

    async def add_key(self, key: FeedKey) -> None: ...

    async def revoke_key(self, feed: str, key_id: str, at: datetime) -> bool:
        """Return False when the feed has no such key."""
        ...

    async def mark_used(self, used: Sequence[tuple[str, datetime]]) -> None: ...


class LetterStore(Protocol):
    """Dead letters as they were read back from their topic."""

    async def find(self, query: LetterQuery) -> list[Letter]: ...

    async def get(self, letter_id: str) -> Letter | None: ...

    async def mark(self, letter_id: str, result: EventResult, at: datetime) -> None:
        """Note a re-drive: a rejected one leaves the letter open, with the new reason."""
        ...


class Observer(Protocol):
    """Told what happened, for metrics."""

    def results(self, feed: str, accepted: int, duplicate: int, rejected: int) -> None: ...

    def refused(self, reason: str) -> None: ...

    def round_done(self, events: int, requests: int, seconds: float) -> None: ...

    def ticked(self, time: str) -> None: ...

    def remembered(self, digests: int) -> None: ...
