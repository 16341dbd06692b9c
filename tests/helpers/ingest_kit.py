"""Fakes and builders for ingest: a log that fails on demand, books in memory, events by keyword."""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ingest.domain.feed import Feed, FeedKey
from ingest.domain.ledger import Draft, FeedBook, Ledger
from ingest.domain.ports import Entry, Memory
from ingest.domain.seen import SeenSet
from ingest.domain.ticks import Boundaries, TickClock
from ingest.service import IngestService
from ingest.service.feeds import FeedService
from ingest.service.prepare import Preparer
from ingest.service.rounds import RoundPolicy, Rounds, TickMode
from shared.auth.api_keys import ApiKeys
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.kernel.clock import ManualClock
from shared.kernel.errors import UnavailableError

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
CARD = "lantern.card.swiped.v1"
GATE = "lantern.gate.passed.v1"
PERSON_KEY, DEAD_KEY = bytes(range(32)), bytes(range(32, 64))
Failure = Literal["refused", "partly kept", "kept, no answer"]


def an_event(event_id: str = "e1", /, **changes: Any) -> dict[str, Any]:
    """Build a valid card event; keywords replace attributes, `data` is merged."""
    data = {"merchant": "meal", "amount": 12.5} if changes.get("type", CARD) == CARD else {}
    return {
        "specversion": "1.0",
        "type": CARD,
        "id": event_id,
        "source": "urn:campus:card",
        "subject": "2023000001",
        "time": "2026-09-14T04:00:00Z",
        **changes,
        "data": {**data, **changes.get("data", {})},
    }


def raw(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def raws(*events: dict[str, Any]) -> list[bytes]:
    return [raw(event) for event in events]


def a_feed(feed_id: str = "card", **changes: Any) -> Feed:
    values: dict[str, Any] = {
        "owner": "card office",
        "types": (CARD,),
        "cadence_s": 86_400.0,
        "rate_per_s": 1e6,
        "registered_at": NOW,
    }
    return Feed(id=feed_id, **{**values, **changes})


class FakeLog:
    """Keeps what was appended; `failures` are used up one an append."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.failures: list[Failure | None] = []
        self.sizes: list[int] = []

    async def append(self, entries: Sequence[Entry]) -> None:
        self.sizes.append(len(entries))
        failure = self.failures.pop(0) if self.failures else None
        if failure == "partly kept":
            self.entries.extend(entries[: len(entries) // 2])
        if failure in (None, "kept, no answer"):
            self.entries.extend(entries)
        if failure is not None:
            raise UnavailableError(f"the broker is away ({failure})")

    def of(self, channel: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.channel == channel]

    def values(self, channel: str) -> list[dict[str, Any]]:
        return [json.loads(entry.value) for entry in self.of(channel)]


class MemoryLedgerStore:
    """Implements `LedgerStore`; `failures` says for each save whether it fails."""

    def __init__(self) -> None:
        self.pages = Ledger()
        self.digests: list[tuple[date, bytes]] = []
        self.failures: list[bool] = []

    async def recall(self, since: date) -> Memory:
        books = {feed: copy.deepcopy(self.pages.book(feed)) for feed in self.pages.feeds()}
        return Memory(books, self.pages.clock, [d for d in self.digests if d[0] >= since])

    async def save(self, draft: Draft) -> None:
        if self.failures and self.failures.pop(0):
            raise UnavailableError("the database is away")
        self.pages.enter(copy.deepcopy(draft))
        self.digests.append((draft.received_on, b"".join(draft.digests)))

    async def books(self) -> dict[str, FeedBook]:
        return {feed: self.pages.book(feed) for feed in self.pages.feeds()}

    async def forget(self, before: date) -> int:
        kept = [each for each in self.digests if each[0] >= before]
        gone, self.digests = len(self.digests) - len(kept), kept
        return gone


class MemoryFeedStore:
    """Implements `FeedStore`."""

    def __init__(self, *feeds: Feed) -> None:
        self.by_id = {feed.id: feed for feed in feeds}
        self.key_rows: dict[str, FeedKey] = {}

    async def feeds(self) -> list[Feed]:
        return list(self.by_id.values())

    async def add_feed(self, feed: Feed) -> bool:
        return self.by_id.setdefault(feed.id, feed) is feed

    async def change_feed(self, feed: Feed) -> None:
        registered_at = self.by_id[feed.id].registered_at
        self.by_id[feed.id] = replace(feed, registered_at=registered_at)

    async def keys(self) -> list[FeedKey]:
        return list(self.key_rows.values())

    async def add_key(self, key: FeedKey) -> None:
        self.key_rows[key.id] = key

    async def revoke_key(self, feed: str, key_id: str, at: datetime) -> bool:
        key = self.key_rows.get(key_id)
        if key is None or key.feed != feed or key.revoked_at is not None:
            return False
        self.key_rows[key_id] = replace(key, revoked_at=at)
        return True

    async def mark_used(self, used: Sequence[tuple[str, datetime]]) -> None:
        for key_id, at in used:
            self.key_rows[key_id] = replace(self.key_rows[key_id], last_used_at=at)


@dataclass
class Counted:
    """Implements `Observer` by remembering."""

    ticks: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    events: dict[str, list[int]] = field(default_factory=dict)

    def results(self, feed: str, accepted: int, duplicate: int, rejected: int) -> None:
        totals = self.events.setdefault(feed, [0, 0, 0])
        for place, count in enumerate((accepted, duplicate, rejected)):
            totals[place] += count

    def refused(self, reason: str) -> None:
        self.refusals.append(reason)

    def round_done(self, events: int, requests: int, seconds: float) -> None: ...

    def ticked(self, time: str) -> None:
        self.ticks.append(time)

    def remembered(self, digests: int) -> None: ...


class World:
    """What outlives a process (log, books, feeds), and the process that is running now."""

    def __init__(
        self,
        *feeds: Feed,
        mode: TickMode = "event",
        tick_interval_s: int = 86_400,
        max_future_s: float | None = None,
        gather_s: float = 0.0,
    ) -> None:
        self.log, self.store = FakeLog(), MemoryLedgerStore()
        self.feed_store = MemoryFeedStore(*(feeds or (a_feed(),)))
        self.clock = ManualClock(NOW)
        self._policy = RoundPolicy(mode, Boundaries(tick_interval_s, ZONE), gather_s=gather_s)
        self._max_future_s = max_future_s
        self.sealer = Sealer("d1", {"d1": DEAD_KEY})
        self.pseudonymiser = Pseudonymiser("p1", PERSON_KEY)

    async def start(self) -> "World":
        """Start a process, as after a crash: only what was stored is known to it."""
        memory = await self.store.recall(date(2000, 1, 1))
        self.ledger, self.seen, self.observer = Ledger(), SeenSet(3650, 10**9), Counted()
        self.ledger.restore(memory.books, memory.clock)
        for day, packed in memory.digests:
            self.seen.add(day, [packed])
        self.feeds = FeedService(self.feed_store, ApiKeys(b"pepper"), self.clock)
        await self.feeds.refresh()
        self.rounds = Rounds(
            self.log, self.store, self.clock, self.observer,
            ledger=self.ledger, seen=self.seen, feeds=self.feeds.all, policy=self._policy,
        )  # fmt: skip
        preparer = Preparer(self.pseudonymiser, self.sealer, b"letters", max_event_bytes=65_536)
        self.service = IngestService(
            self.feeds, preparer, self.rounds, self.clock, max_future_s=self._max_future_s
        )
        return self

    @property
    def tick_clock(self) -> TickClock:
        return self.ledger.clock
