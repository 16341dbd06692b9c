"""The database of ingest, on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from tests.helpers.ingest_kit import NOW, a_feed

import ingest.main
from ingest import tables
from ingest.domain.feed import FeedKey
from ingest.domain.ledger import Counts, Draft, FeedBook
from ingest.domain.letters import LetterQuery
from ingest.domain.results import EventResult
from ingest.domain.seen import digest_of
from ingest.domain.ticks import TickClock
from ingest.readers import tables as import_tables
from ingest.repository import FeedRepository, LedgerRepository, LetterRepository
from ingest.repository.letters import put
from shared.contracts.feed import DeadLetter
from shared.db.database import Database
from shared.db.migrate import config_for, upgrade

MIGRATIONS = Path(ingest.main.__file__).parent / "migrations"
TODAY = NOW.date()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, tables.metadata)
    yield database
    await database.close()


def a_draft(day: date = TODAY, clock: TickClock | None = None) -> Draft:
    return Draft(day, TickClock(), clock or TickClock())


async def test_migrations_make_the_tables_and_unmake_them(database: Database) -> None:
    """After the migrations nothing differs from the tables in code, and they can be undone."""
    everything = MetaData()
    for part in (tables.metadata, import_tables.metadata):
        for table in part.tables.values():
            table.to_metadata(everything)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, everything))

    def undo(connection: Connection) -> None:
        command.downgrade(config_for(MIGRATIONS, tables.metadata, connection), "base")

    async with database.write() as connection:
        assert await connection.run_sync(differences) == []
        await connection.run_sync(undo)
    await upgrade(database, MIGRATIONS, tables.metadata)


async def test_a_draft_is_added_and_recalled(database: Database) -> None:
    """Counts and days add up over drafts, times move forward, digests come back by day."""
    store = LedgerRepository(database)
    clock = TickClock().seen("2026-09-14T04:00:00Z").ticked("2026-09-14T00:00:00Z")
    first, second = a_draft(clock=clock), a_draft()
    first.digests = [digest_of("s", "1"), digest_of("s", "2")]
    first.changes["card"] = FeedBook(
        Counts(2, 1, 3), "2026-09-14T04:00:00Z", NOW, {"2026-09-13": 1, "2026-09-14": 1}
    )
    second.digests = [digest_of("s", "3")]
    second.changes["card"] = FeedBook(Counts(1), "2026-09-13T00:00:00Z", None, {"2026-09-13": 1})
    second.changes["gate"] = FeedBook(Counts(0, 0, 1))
    await store.save(first)
    await store.save(second)
    memory = await store.recall(TODAY)
    card = memory.books["card"]
    assert (card.counts, card.last_event) == (Counts(3, 1, 3), "2026-09-14T04:00:00Z")
    assert (card.last_received, card.days) == (NOW, {"2026-09-13": 2, "2026-09-14": 1})
    assert memory.books["gate"].counts.read == 1
    assert [packed for _, packed in memory.digests] == [
        b"".join(first.digests), b"".join(second.digests),
    ]  # fmt: skip
    assert memory.clock == clock


async def test_the_horizon_is_by_day_of_receipt(database: Database) -> None:
    """Digests before a day are not recalled, and can be deleted."""
    store = LedgerRepository(database)
    for age in (3, 2, 1, 0):
        draft = a_draft(TODAY - timedelta(days=age))
        draft.digests = [digest_of("s", str(age))]
        await store.save(draft)
    assert len((await store.recall(TODAY - timedelta(days=1))).digests) == 2
    assert await store.forget(TODAY - timedelta(days=1)) == 2
    assert len((await store.recall(date(2000, 1, 1))).digests) == 2


async def test_feeds_and_keys_come_back_as_they_went(database: Database) -> None:
    """An id is taken once; a key is revoked once; moments keep their zone."""
    store, feed = FeedRepository(database), a_feed()
    key = FeedKey("0" * 12, "card", "lk_0", "m" * 64, ("lantern.card.swiped.v1",), NOW)
    assert await store.add_feed(feed)
    assert not await store.add_feed(feed)
    await store.add_key(key)
    await store.mark_used([(key.id, NOW)])
    assert await store.feeds() == [feed]
    [stored] = await store.keys()
    assert (stored.last_used_at, stored.types, stored.is_active) == (NOW, key.types, True)
    assert await store.revoke_key("card", key.id, NOW)
    assert not await store.revoke_key("card", key.id, NOW)
    assert not (await store.keys())[0].is_active


def a_letter(number: int, **changes: str) -> DeadLetter:
    values = {"feed": "card", "stage": "ingest", "reason": "bad_time", "detail": "x"}
    return DeadLetter(
        id=f"dead_{number:032x}", at="2026-09-14T12:00:00Z", payload="sealed", key_id="d1",
        **{**values, **changes},  # type: ignore[arg-type]
    )  # fmt: skip


async def test_letters_are_kept_once_and_found_by_filter(database: Database) -> None:
    """A repeat of a letter changes nothing; hostile texts of other stages fit."""
    store = LetterRepository(database)
    odd = a_letter(3, reason="r" * 500, detail="a\x00b", stage="features", feed="f" * 300)
    async with database.write() as connection:
        await put(connection, [a_letter(1), a_letter(2), odd, a_letter(1)])
    assert [len(await store.find(q)) for q in (
        LetterQuery(), LetterQuery(feed="card"), LetterQuery(stage="features"),
        LetterQuery(reason="bad_time", limit=1), LetterQuery(state="redriven"),
    )] == [3, 2, 1, 1, 0]  # fmt: skip
    assert await store.get("dead_nowhere") is None


async def test_a_redrive_closes_a_letter_or_tells_the_new_reason(database: Database) -> None:
    """Rejected again stays open with the new reason; accepted or duplicate is done."""
    store, at = LetterRepository(database), datetime(2026, 9, 15, tzinfo=NOW.tzinfo)
    async with database.write() as connection:
        await put(connection, [a_letter(1), a_letter(2)])
    await store.mark(a_letter(1).id, EventResult("rejected", "e", "bad_id", "$.id", "why"), at)
    await store.mark(a_letter(2).id, EventResult("duplicate", "e"), at)
    first, second = await store.get(a_letter(1).id), await store.get(a_letter(2).id)
    assert first is not None
    assert second is not None
    assert (first.state, first.reason, first.field, first.redrives) == ("open", "bad_id", "$.id", 1)
    assert (second.state, second.reason, second.last_redrive_at) == ("redriven", "bad_time", at)
