"""Imports without a broker: an accept path that remembers ids and can die at any call."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec

from ingest import tables
from ingest.domain.imports import ImportPlan, LookupFile, RefusedRow, SourceFile
from ingest.domain.mapping_description import FeedDescription
from ingest.domain.results import EventResult
from ingest.readers.store import SqlImportStore
from ingest.readers.uploads import Uploads
from ingest.service.imports import ImportService
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import ManualClock

MIGRATIONS = Path(tables.__file__).parent / "migrations"
SEVERED = ("before", "after")


class CrashError(BaseException):
    """Stands for `kill -9`: whatever was not stored is gone, and nobody catches it."""


class FakeAcceptPath:
    """Takes events once each, in the order they came; `crash_at` kills before or after a call."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.letters: dict[tuple[str, bytes], str] = {}
        self.calls = 0
        self.crash_at: tuple[int, str] | None = None
        self.refuse_amount: float | None = None
        self._known: set[tuple[object, object]] = set()

    async def accept(self, feed_id: str, raw_events: Sequence[bytes]) -> list[EventResult]:
        self._maybe_die("before")
        results = [self._one(feed_id, msgspec.json.decode(raw)) for raw in raw_events]
        self._maybe_die("after")
        self.calls += 1
        return results

    def _one(self, feed_id: str, event: dict[str, object]) -> EventResult:
        key = (event["source"], event["id"])
        data = event["data"]
        assert isinstance(data, dict)
        if self.refuse_amount is not None and data.get("amount") == self.refuse_amount:
            return EventResult("rejected", str(event["id"]), "too_odd", "$.data.amount")
        if key in self._known:
            return EventResult("duplicate", str(event["id"]))
        self._known.add(key)
        self.events.append((feed_id, event))
        return EventResult("accepted", str(event["id"]))

    async def refuse(self, feed_id: str, rows: Sequence[RefusedRow]) -> None:
        self._maybe_die("before")
        for row in rows:
            if row.is_kept:
                self.letters[feed_id, row.body] = row.fault.reason
        self._maybe_die("after")
        self.calls += 1

    def is_known(self, source: str, event_id: str) -> bool:
        return (source, event_id) in self._known

    def has_feed(self, feed_id: str) -> bool:
        return feed_id != "nobody"

    def _maybe_die(self, moment: str) -> None:
        if self.crash_at == (self.calls, moment):
            self.crash_at = None
            raise CrashError


class Installation:
    """Everything of imports that survives a crash, and a way to start the process again."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        self.database = database
        self.path = FakeAcceptPath()
        self.clock = ManualClock()

    async def migrate(self) -> None:
        await upgrade(self.database, MIGRATIONS, tables.metadata)

    def start(self, span_of: Callable[[str], str] = lambda at: at[:10]) -> ImportService:
        """Return a fresh process's use case over what is stored."""
        return ImportService(
            store=SqlImportStore(self.database, self.clock, "0"),
            staging=self.uploads(),
            accept_path=self.path,
            clock=self.clock,
            span_of=span_of,
        )

    def uploads(self) -> Uploads:
        return Uploads(self.home / "imports", b"k" * 32, self.clock, max_bytes=10_000_000)

    async def upload(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        await self.uploads().put(sha256, chunks_of(content))
        return sha256

    async def plan(
        self,
        *feeds: tuple[FeedDescription, dict[str, bytes]],
        lookups: dict[tuple[str, str], bytes] | None = None,
    ) -> ImportPlan:
        """Upload files and return the plan that imports them."""
        files: list[SourceFile] = []
        for description, contents in feeds:
            for name, content in contents.items():
                sha256 = await self.upload(content)
                files.append(SourceFile(len(files), description.feed, name, sha256))
        tables_ = [
            LookupFile(feed, key, f"{key}.csv", await self.upload(content))
            for (feed, key), content in (lookups or {}).items()
        ]
        return ImportPlan(tuple(d for d, _ in feeds), tuple(files), tuple(tables_))


async def chunks_of(content: bytes) -> AsyncIterator[bytes]:
    """Yield bytes in pieces, as a request does."""
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def reasons_of(letters: dict[tuple[str, bytes], str]) -> Counter[str]:
    """Count letters by reason."""
    return Counter(letters.values())
