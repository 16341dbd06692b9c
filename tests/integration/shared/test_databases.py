"""The two databases behave alike through `Database`."""

import pytest
from sqlalchemy import Column, Integer, Table, func, insert, select

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
