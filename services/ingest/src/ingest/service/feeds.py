"""Feeds and their keys: registration, issue, rotation, revocation, and who is knocking."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.domain.feed import Feed, FeedKey, known_types
from ingest.domain.ports import FeedStore
from ingest.domain.rates import TokenBucket
from shared.auth.api_keys import ApiKeys, NewKey, key_id
from shared.contracts.event import EVENT_TYPES, EventBase
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    ConflictError,
    NotFoundError,
    TooManyRequestsError,
    UnauthenticatedError,
)

_KEYS_A_FEED = 20
_USE_NOTED_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class Grant:
    """What a presented key opens: one feed, and the event classes it may send."""

    feed: str
    allowed: frozenset[type[EventBase]]


@dataclass(frozen=True)
class FeedChange:
    """The parts of a registration that may change; None leaves a part as it is."""

    owner: str | None = None
    types: tuple[str, ...] | None = None
    cadence_s: float | None = None
    rate_per_s: float | None = None


class FeedService:
    """The registry, kept in memory and written through; `refresh` sees other processes' changes."""

    def __init__(self, store: FeedStore, keys: ApiKeys, clock: Clock) -> None:
        self._store, self._keys, self._clock = store, keys, clock
        self._feeds: dict[str, Feed] = {}
        self._by_id: dict[str, FeedKey] = {}
        self._grants: dict[str, Grant] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._used: dict[str, datetime] = {}

    async def refresh(self) -> None:
        """Read feeds and keys again, and note which keys were used."""
        used = [(key, at) for key, at in self._used.items() if self._is_news(key, at)]
        if used:
            await self._store.mark_used(used)
        self._feeds = {feed.id: feed for feed in await self._store.feeds()}
        self._by_id = {key.id: key for key in await self._store.keys()}
        self._grants.clear()
        for feed in self._feeds.values():
            bucket = self._buckets.get(feed.id)
            if bucket is None or bucket.rate_per_s != feed.rate_per_s:
                self._buckets[feed.id] = TokenBucket(feed.rate_per_s)

    def _is_news(self, key: str, at: datetime) -> bool:
        known = self._by_id.get(key)
        before = known.last_used_at if known else None
        return before is None or at - before >= _USE_NOTED_EVERY

    def all(self) -> list[Feed]:
        """Return the feeds in the order of their ids."""
        return sorted(self._feeds.values(), key=lambda feed: feed.id)

    def get(self, feed_id: str) -> Feed:
        """Return a feed; raises NotFoundError."""
        feed = self._feeds.get(feed_id)
        if feed is None:
            raise NotFoundError("feed_unknown", f"no feed {feed_id!r} is registered")
        return feed

    async def register(self, feed: Feed) -> Feed:
        """Add a feed; raises ConflictError when the id is taken."""
        feed = replace(feed, types=known_types(feed.types))
        if not await self._store.add_feed(feed):
            raise ConflictError("feed_exists", f"feed {feed.id!r} is registered already")
        await self.refresh()
        return self.get(feed.id)

    async def put(self, feed: Feed) -> tuple[Feed, bool]:
        """Register a feed or bring it to this form; return it and whether it is new."""
        feed = replace(feed, types=known_types(feed.types))
        is_new = await self._store.add_feed(feed)
        if not is_new:
            await self._store.change_feed(feed)
        await self.refresh()
        return self.get(feed.id), is_new

    async def change(self, feed_id: str, change: FeedChange) -> Feed:
        """Change parts of a registration; raises NotFoundError."""
        feed = self.get(feed_id)
        parts = {name: value for name, value in vars(change).items() if value is not None}
        if "types" in parts:
            parts["types"] = known_types(parts["types"])
        await self._store.change_feed(replace(feed, **parts))
        await self.refresh()
        return self.get(feed_id)

    def keys_of(self, feed_id: str) -> list[FeedKey]:
        """Return a feed's keys, oldest first, revoked ones included."""
        self.get(feed_id)
        keys = (key for key in self._by_id.values() if key.feed == feed_id)
        return sorted(keys, key=lambda key: (key.created_at, key.id))

    async def issue_key(self, feed_id: str, types: tuple[str, ...] = ()) -> tuple[FeedKey, NewKey]:
        """Make a key; its text exists in the answer only. Rotation is: issue, exchange, revoke."""
        feed = self.get(feed_id)
        types = known_types(types)
        if any(name not in feed.types for name in types):
            raise ConflictError("type_not_of_feed", "a key may only narrow the feed's own types")
        if sum(key.is_active for key in self.keys_of(feed_id)) >= _KEYS_A_FEED:
            raise ConflictError("too_many_keys", f"a feed has at most {_KEYS_A_FEED} active keys")
        new = self._keys.issue()
        key = FeedKey(new.id, feed_id, f"lk_{new.id}", new.digest, types, self._clock.now())
        await self._store.add_key(key)
        await self.refresh()
        return key, new

    async def revoke_key(self, feed_id: str, key: str) -> None:
        """Close a key for ever; raises NotFoundError."""
        self.get(feed_id)
        if not await self._store.revoke_key(feed_id, key, self._clock.now()):
            raise NotFoundError("key_unknown", "the feed has no such active key")
        await self.refresh()

    def authenticate(self, text: str) -> Grant:
        """Return what a presented key opens; raises UnauthenticatedError."""
        key = self._by_id.get(key_id(text))
        if key is None or not self._keys.matches(text, key.mac) or not key.is_active:
            raise UnauthenticatedError("api_key_refused", "the API key is unknown or revoked")
        self._used[key.id] = self._clock.now()
        grant = self._grants.get(key.id)
        if grant is None:
            grant = self._grants[key.id] = self.grant(key.feed, key.types)
        return grant

    def grant(self, feed_id: str, types: tuple[str, ...] = ()) -> Grant:
        """Return the grant of a feed's own types, narrowed to `types` where given."""
        feed = self.get(feed_id)
        names = [name for name in feed.types if not types or name in types]
        return Grant(feed.id, frozenset(EVENT_TYPES[name] for name in names))

    def admit(self, feed_id: str) -> None:
        """Let a request of a feed in, unless it owes; raises TooManyRequestsError."""
        bucket = self._buckets[feed_id]
        wait = bucket.wait_s(self._clock.monotonic())
        if wait:
            raise TooManyRequestsError(
                f"feed {feed_id!r} may send {bucket.rate_per_s:g} events a second",
                retry_after_s=wait,
            )

    def charge(self, feed_id: str, events: int) -> None:
        """Charge the events of a request that was let in."""
        self._buckets[feed_id].take(events)
