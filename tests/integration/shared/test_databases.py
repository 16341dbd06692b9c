"""The two databases behave alike through `Database`."""

import pytest
from sqlalchemy import Column, Integer, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.db.tables import new_metadata

METADATA = new_metadata()
NUMBERS = Table("numbers", METADATA, Column("n", Integer, primary_key=True))


async def test_a_failed_transaction_leaves_nothing(database_url: str) -> None:
    """An exception inside `write` rolls everything back."""
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(METADATA.create_all)
    with pytest.raises(RuntimeError):
        await _fail_after_a_write(database)
    async with database.read() as connection:
        count = await connection.scalar(select(func.count()).select_from(NUMBERS))
    await database.close()
    assert count == 0


async def _fail_after_a_write(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(NUMBERS).values(n=1))
        raise RuntimeError


async def test_a_reading_transaction_sees_one_moment(database_url: str) -> None:
    """What another writer commits between two reads is seen by the next transaction only."""
    database = await _with_numbers(database_url)
    async with database.read() as connection:
        before = await _count(connection)
        await _add(database, 1)
        assert (before, await _count(connection)) == (0, 0)
    async with database.read() as connection:
        assert await _count(connection) == 1
    await database.close()


async def test_a_read_without_snapshot_ends_with_the_pool_as_it_was(postgres_url: str) -> None:
    """Without a snapshot each statement sees the latest; a connection used again may write."""
    database = await _with_numbers(postgres_url)
    async with database.read() as connection:
        await _count(connection)
    async with database.read(is_snapshot=False) as connection:
        before = await _count(connection)
        await _add(database, 1)
        assert (before, await _count(connection)) == (0, 1)
    await _add(database, 2)
    await database.close()


async def test_a_reading_transaction_refuses_to_write(postgres_url: str) -> None:
    """PostgreSQL itself holds readers to their word."""
    database = await _with_numbers(postgres_url)
    with pytest.raises(DBAPIError, match="read-only"):
        await _write_while_reading(database)
    await database.close()


async def _write_while_reading(database: Database) -> None:
    async with database.read() as connection:
        await connection.execute(text("INSERT INTO numbers VALUES (1)"))


async def _with_numbers(url: str) -> Database:
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(METADATA.create_all)
    return database


async def _count(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.count()).select_from(NUMBERS)) or 0)


async def _add(database: Database, number: int) -> None:
    async with database.write() as connection:
        await connection.execute(insert(NUMBERS).values(n=number))
