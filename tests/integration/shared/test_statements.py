"""Upserts and named locks, the same calls on both databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, String, Table, select

from shared.db.database import Database
from shared.db.statements import lock, number_of, pieces, try_lock, upsert
from shared.db.tables import new_metadata

METADATA = new_metadata()
THINGS = Table(
    "things",
    METADATA,
    Column("place", String(10), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("word", String(10)),
    Column("first_word", String(10)),
)
PAIRS = Table(
    "pairs",
    METADATA,
    Column("one", Integer, primary_key=True),
    Column("other", Integer, primary_key=True),
)
SERVICES = Path(__file__).parents[3] / "services"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


def thing(number: int, word: str) -> dict[str, object]:
    return {"place": "p", "number": number, "word": word, "first_word": word}


async def test_an_upsert_overwrites_all_but_the_key_and_what_is_kept(database: Database) -> None:
    """Rows of a known key change, new ones come, and a kept column stays as it first was."""
    async with database.write() as connection:
        await upsert(connection, THINGS, [thing(1, "a"), thing(2, "a")])
        await upsert(connection, THINGS, [thing(2, "b"), thing(3, "b")], "first_word")
        await upsert(connection, THINGS, [])
        rows = await connection.execute(select(THINGS).order_by(THINGS.c.number))
        assert [tuple(row) for row in rows] == [
            ("p", 1, "a", "a"), ("p", 2, "b", "a"), ("p", 3, "b", "b"),
        ]  # fmt: skip


async def test_an_upsert_of_keys_alone_leaves_what_is_there(database: Database) -> None:
    """A table that is all key has nothing to overwrite, which is no error."""
    async with database.write() as connection:
        for _ in range(2):
            await upsert(connection, PAIRS, [{"one": 1, "other": 2}])
        assert (await connection.execute(select(PAIRS))).all() == [(1, 2)]


async def test_a_lock_is_held_until_the_transaction_ends(postgres_url: str) -> None:
    """The second holder waits, a shared one for the whole one too, and another name is free."""
    database, order = Database(postgres_url), []
    has_lock, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.write() as connection:
            await lock(connection, "test.one")
            has_lock.set()
            await may_end.wait()
            order.append("first")

    async def later(*, is_shared: bool) -> None:
        await has_lock.wait()
        async with database.write() as connection:
            await lock(connection, "test.one", is_shared=is_shared)
            order.append("later")

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        for is_shared in (True, False):
            group.create_task(later(is_shared=is_shared))
        await has_lock.wait()
        async with database.write() as connection:
            assert not await try_lock(connection, "test.one")
            assert await try_lock(connection, "test.two")
        may_end.set()
    assert order == ["first", "later", "later"]
    await database.close()


async def test_shared_holders_do_not_wait_for_each_other(postgres_url: str) -> None:
    """Two transactions hold a shared lock at once; the whole lock is not free meanwhile."""
    database = Database(postgres_url)
    async with database.write() as one, database.write() as other, database.write() as third:
        await lock(one, "test.one", is_shared=True)
        async with asyncio.timeout(5):
            await lock(other, "test.one", is_shared=True)
        assert not await try_lock(third, "test.one")
    await database.close()


def test_lock_numbers_are_the_same_in_every_process() -> None:
    """A number comes from the name alone, and fits PostgreSQL's bigint."""
    assert number_of("directory.audit") == number_of("directory.audit") != number_of("a")
    assert -(2**63) <= number_of("directory.audit") < 2**63


def test_pieces_hold_everything_once() -> None:
    """No item is lost between two pieces, and none is longer than asked."""
    assert [list(piece) for piece in pieces(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_only_the_kit_names_a_dialect() -> None:
    """No service spells a statement for one database."""
    named = [
        file.relative_to(SERVICES)
        for file in SERVICES.glob("*/src/**/*.py")
        if "migrations" not in file.parts and "sqlalchemy.dialects" in file.read_text()
    ]
    assert named == []
