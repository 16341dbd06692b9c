"""The books and the ids seen: written once a round, in one transaction."""

from datetime import date, timedelta
from functools import cache

from sqlalchemy import Insert, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ingest import tables
from ingest.domain.ledger import Counts, Draft, FeedBook
from ingest.domain.ports import Memory
from ingest.domain.ticks import TickClock
from ingest.repository.moments import aware
from shared.db.database import Database
from shared.db.statements import insert_of, upsert

_CLOCK = "events"


class LedgerRepository:
    """Implements `ingest.domain.ports.LedgerStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, since: date) -> Memory:
        async with self._database.read() as connection:
            books = await _books(connection)
            days = await connection.execute(select(tables.feed_days))
            for feed, day, received in days:
                books.setdefault(feed, FeedBook()).days[day] = received
            row = (await connection.execute(select(tables.tick_clock))).one_or_none()
            seen = tables.seen_rounds.c
            packed = await connection.execute(
                select(seen.received_on, seen.digests)
                .where(seen.received_on >= since)
                .order_by(seen.id)
            )
            digests = [(day, bytes(blob)) for day, blob in packed]
        newest = max((book.last_event for book in books.values() if book.last_event), default=None)
        clock = TickClock(row.started, newest, row.last_tick) if row else TickClock()
        return Memory(books, clock, digests)

    async def save(self, draft: Draft) -> None:
        async with self._database.write() as connection:
            if draft.digests:
                await connection.execute(
                    tables.seen_rounds.insert(),
                    {"received_on": draft.received_on, "digests": b"".join(draft.digests)},
                )
            await _add_to_books(connection, draft)
            await _add_to_days(connection, draft)
            if draft.is_clock_changed:
                await _set_clock(connection, draft.clock)

    async def books(self) -> dict[str, FeedBook]:
        async with self._database.read() as connection:
            return await _books(connection)

    async def forget(self, before: date) -> int:
        """Delete digests beyond the horizon, a day at a time so that no lock is held for long."""
        seen, gone = tables.seen_rounds, 0
        while True:
            async with self._database.write() as connection:
                oldest = await connection.scalar(select(func.min(seen.c.received_on)))
                if oldest is None or oldest >= before:
                    return gone
                result = await connection.execute(
                    delete(seen).where(seen.c.received_on < oldest + timedelta(days=1))
                )
                gone += result.rowcount


async def _books(connection: AsyncConnection) -> dict[str, FeedBook]:
    rows = await connection.execute(select(tables.feed_books))
    return {
        row.feed: FeedBook(
            Counts(row.accepted, row.duplicate, row.rejected),
            row.last_event,
            aware(row.last_received),
        )
        for row in rows
    }


async def _add_to_books(connection: AsyncConnection, draft: Draft) -> None:
    """Add, never set: another process may keep the same feed's page."""
    if not draft.changes:
        return
    await connection.execute(
        _books_statement(connection.dialect.name),
        [
            {
                "feed": feed,
                "accepted": change.counts.accepted,
                "duplicate": change.counts.duplicate,
                "rejected": change.counts.rejected,
                "last_event": change.last_event,
                "last_received": change.last_received,
            }
            for feed, change in sorted(draft.changes.items())
        ],
    )


@cache
def _books_statement(dialect: str) -> Insert:
    insert = insert_of(dialect, tables.feed_books)
    old, new = tables.feed_books.c, insert.excluded
    greatest = func.max if dialect == "sqlite" else func.greatest
    later = func.coalesce(
        greatest(old.last_event, new.last_event), old.last_event, new.last_event
    )  # either may be NULL
    return insert.on_conflict_do_update(
        index_elements=["feed"],
        set_={
            "accepted": old.accepted + new.accepted,
            "duplicate": old.duplicate + new.duplicate,
            "rejected": old.rejected + new.rejected,
            "last_event": later,
            "last_received": func.coalesce(new.last_received, old.last_received),
        },
    )


async def _add_to_days(connection: AsyncConnection, draft: Draft) -> None:
    rows = [
        {"feed": feed, "day": day, "received": received}
        for feed, change in sorted(draft.changes.items())
        for day, received in sorted(change.days.items())
    ]
    if not rows:
        return
    await connection.execute(_days_statement(connection.dialect.name), rows)


@cache
def _days_statement(dialect: str) -> Insert:
    insert = insert_of(dialect, tables.feed_days)
    return insert.on_conflict_do_update(
        index_elements=["feed", "day"],
        set_={"received": tables.feed_days.c.received + insert.excluded.received},
    )


async def _set_clock(connection: AsyncConnection, clock: TickClock) -> None:
    values = {"started": clock.started, "last_tick": clock.last_tick}
    await upsert(connection, tables.tick_clock, [{"name": _CLOCK, **values}])
