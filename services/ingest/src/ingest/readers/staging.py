"""Rows mapped and sorted by event time in a temporary SQLite file: memory stays bounded.

The file also remembers how far each source file was read, so that reading goes on after a crash.
It names students: it is readable by its owner only and deleted when the import ends.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from ingest.domain.imports import Import, Position, SourceFile, StagedRow
from ingest.domain.mapping import RowMapper
from ingest.domain.mapping_outcome import Mapped, Outcome, Refused, RowRefusedError
from ingest.readers.rows import FeedFile, RawRow

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    at TEXT NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
    body BLOB NOT NULL, event_id TEXT, reason TEXT, fault_column TEXT,
    PRIMARY KEY (at, file, line)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (
    file INTEGER PRIMARY KEY, line INTEGER NOT NULL, rows INTEGER NOT NULL);
"""
_COLUMNS = "at, file, line, body, event_id, reason, fault_column"
_KEPT_BYTES = 65_536
_PRIVATE = 0o600
Entry = tuple[str, int, int, bytes, str | None, str | None, str | None]


class SqliteStaging:
    """The staging area of one import."""

    def __init__(
        self, path: Path, job: Import, mappers: dict[str, RowMapper], files: dict[str, Path]
    ) -> None:
        self._path = path
        self._plan = job.plan
        self._mappers = mappers
        self._files = files
        self._feeds = {file.number: file.feed for file in job.plan.files}
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE))
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        self._lock = threading.Lock()  # a cancelled task leaves its thread at work
        self._source: Iterator[tuple[SourceFile, FeedFile, RawRow]] = self._remaining()

    @property
    def rows(self) -> int:
        found = self._db.execute("SELECT coalesce(sum(rows), 0) FROM progress").fetchone()
        return int(found[0])

    def fill(self, most: int) -> bool:
        """Map up to `most` further rows in one transaction."""
        with self._lock:
            return self._fill(most)

    def _fill(self, most: int) -> bool:
        chunk = list(islice(self._source, most))
        if not chunk:
            return False
        entries = [self._entry(*item) for item in chunk]
        reached: dict[int, tuple[int, int]] = {}
        for _, file, line, *_ in entries:
            reached[file] = (line, reached.get(file, (0, 0))[1] + 1)
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT OR REPLACE INTO rows VALUES (?,?,?,?,?,?,?)", entries)
        self._db.executemany(
            "INSERT INTO progress VALUES (?,?,?) ON CONFLICT (file)"
            " DO UPDATE SET line = excluded.line, rows = rows + excluded.rows",
            [(file, line, count) for file, (line, count) in reached.items()],
        )
        self._db.execute("COMMIT")
        return True

    def batch(self, after: Position, most: int, span_of: Callable[[str], str]) -> list[StagedRow]:
        """Return the next rows of one span; rows without a time are a span of their own."""
        rows = self._select("(at, file, line) > (?, ?, ?)", after, most)
        if not rows:
            return []
        first = _span(rows[0], span_of)
        cut = next((i for i, row in enumerate(rows) if _span(row, span_of) != first), len(rows))
        return rows[:cut]

    def up_to(self, after: Position, end: Position) -> list[StagedRow]:
        where = "(at, file, line) > (?, ?, ?) AND (at, file, line) <= (?, ?, ?)"
        return self._select(where, (*after, *end), -1)

    def feed_of(self, file: int) -> str:
        return self._feeds[file]

    def column_of(self, file: int, place: str | None) -> str | None:
        return self._mappers[self._feeds[file]].column_of(place)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def discard(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def _select(self, where: str, values: tuple[object, ...], most: int) -> list[StagedRow]:
        query = f"SELECT {_COLUMNS} FROM rows WHERE {where} ORDER BY at, file, line LIMIT ?"  # noqa: S608 - own text
        with self._lock:
            found = self._db.execute(query, (*values, most)).fetchall()
        return [StagedRow(Position(at, file, line), *rest) for at, file, line, *rest in found]

    def _remaining(self) -> Iterator[tuple[SourceFile, FeedFile, RawRow]]:
        read = dict(self._db.execute("SELECT file, line FROM progress").fetchall())
        for file in self._plan.files:
            shape = self._plan.description(file.feed)
            rows = FeedFile(self._files[file.sha256], shape.file, shape.columns)
            done = read.get(file.number, 0)
            yield from ((file, rows, raw) for raw in rows if raw.line > done)

    def _entry(self, file: SourceFile, rows: FeedFile, raw: RawRow) -> Entry:
        outcome: Outcome
        try:
            outcome = self._mappers[file.feed].map(rows.layout.row(raw.cells()))
        except RowRefusedError as refusal:
            outcome = Refused(refusal.reason, rows.layout.name_of(refusal.column))
        if isinstance(outcome, Mapped):
            body = json.dumps(outcome.event, ensure_ascii=False).encode()
            event_id = str(outcome.event["id"])
            return (outcome.when, file.number, raw.line, body, event_id, None, None)
        kept = raw.raw[:_KEPT_BYTES]
        return ("", file.number, raw.line, kept, None, outcome.reason, outcome.column)


def _span(row: StagedRow, span_of: Callable[[str], str]) -> str:
    return span_of(row.position.at) if row.position.at else ""
