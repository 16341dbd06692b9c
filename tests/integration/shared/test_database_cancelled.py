"""A writing transaction that is cancelled at any moment leaves nothing locked and nothing written.

Garbage is not collected meanwhile: it would release what the transaction forgot.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, func, insert, select

from shared.db.database import Database

ROWS = Table(
    "cancelled_rows", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer)
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as connection:
        await connection.run_sync(ROWS.metadata.create_all)
    yield made
    await made.close()


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def read_and_write(database: Database, number: int) -> None:
    async with database.write() as connection:
        found = await connection.execute(select(ROWS))
        assert len(found.all()) < 1000
        for _ in range(2):
            await connection.execute(insert(ROWS).values(n=number))


def cancel_again(*_: object) -> None:
    """Cancel a task once more while it closes its connection."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)


@pytest.mark.parametrize("is_twice", [False, True])
@pytest.mark.usefixtures("uncollected")
async def test_who_comes_after_a_cancelled_writer_finds_no_lock(
    database: Database, *, is_twice: bool
) -> None:
    """Whichever turn of the loop it is cancelled at; its rows are both there or neither is."""
    if is_twice:
        event.listen(database.engine.sync_engine, "close", cancel_again, insert=True)
    kept = []  # as a task that waits for others keeps what became of them
    for moment in range(60):
        writer = asyncio.create_task(read_and_write(database, moment))
        for turn in range(moment):
            await asyncio.sleep(0.0004 * (turn % 2))
        writer.cancel()
        kept.append(await asyncio.gather(writer, return_exceptions=True))
        await asyncio.wait_for(read_and_write(database, -1), 3)
    if is_twice:
        event.remove(database.engine.sync_engine, "close", cancel_again)
    async with database.read() as connection:
        counts = select(ROWS.c.n, func.count().label("copies")).group_by(ROWS.c.n)
        found = {row.n: row.copies for row in await connection.execute(counts)}
    assert found.pop(-1) == 120
    assert set(found.values()) <= {2}
