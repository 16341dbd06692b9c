"""The books: what each feed sent and what became of it, and the change that one round brings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from ingest.domain.status import Sightings
from ingest.domain.ticks import TickClock

Moment = TypeVar("Moment", str, datetime)


@dataclass(frozen=True, slots=True)
class Counts:
    """Events read and what became of them: `read` is the sum of the other three."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        return self.accepted + self.duplicate + self.rejected

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
        )


@dataclass(slots=True)
class FeedBook:
    """One feed's page: counts, sightings, and accepted events by campus day of the event."""

    counts: Counts = Counts()
    last_event: str | None = None
    last_received: datetime | None = None
    days: dict[str, int] = field(default_factory=dict)

    @property
    def sightings(self) -> Sightings:
        return Sightings(self.last_received, self.last_event)

    def add(self, change: "FeedBook") -> None:
        """Enter a change; times only move forward."""
        self.counts += change.counts
        self.last_event = _later(self.last_event, change.last_event)
        self.last_received = _later(self.last_received, change.last_received)
        for day, received in change.days.items():
            self.days[day] = self.days.get(day, 0) + received


@dataclass(slots=True)
class Draft:
    """What one round will enter, once the broker has acknowledged what it published."""

    received_on: date
    before: TickClock
    clock: TickClock
    digests: list[bytes] = field(default_factory=list)
    changes: dict[str, FeedBook] = field(default_factory=dict)

    @property
    def is_clock_changed(self) -> bool:
        """Say whether the clock must be written; its watermark stands in the books already."""
        return (self.before.started, self.before.last_tick) != (
            self.clock.started,
            self.clock.last_tick,
        )

    def change(self, feed: str) -> FeedBook:
        return self.changes.setdefault(feed, FeedBook())


class Ledger:
    """All books of this process, as they stand in the database."""

    def __init__(self) -> None:
        self._books: dict[str, FeedBook] = {}
        self.clock = TickClock()

    def restore(self, books: Mapping[str, FeedBook], clock: TickClock) -> None:
        """Take over what was stored, when a process starts."""
        self._books, self.clock = dict(books), clock

    def feeds(self) -> list[str]:
        """Return the feeds that have a page."""
        return sorted(self._books)

    def book(self, feed: str) -> FeedBook:
        return self._books.get(feed) or FeedBook()

    def enter(self, draft: Draft) -> None:
        """Make a draft part of the books; only after it was saved."""
        for feed, change in draft.changes.items():
            self._books.setdefault(feed, FeedBook()).add(change)
        self.clock = draft.clock

    def preview(self, feeds: Iterable[str], draft: Draft) -> dict[str, FeedBook]:
        """Return the books as they would stand with the draft; nothing is entered."""
        pages: dict[str, FeedBook] = {}
        for feed in feeds:
            book, page = self.book(feed), FeedBook()
            page.add(book)
            if feed in draft.changes:
                page.add(draft.changes[feed])
            pages[feed] = page
        return pages


def _later(first: Moment | None, second: Moment | None) -> Moment | None:
    """Return the later of two, None being before everything."""
    if first is None or second is None:
        return first if second is None else second
    return max(first, second)
