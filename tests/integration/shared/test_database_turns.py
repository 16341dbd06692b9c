"""Writers of one process take turns."""

import asyncio

from sqlalchemy import text

from shared.db.database import Database

WRITERS, ROUNDS = 8, 20


async def test_no_writer_starves_behind_busy_neighbours(database_url: str) -> None:
    """Eight tasks that write without pause all finish, and none meets a locked database."""
    database = Database(database_url)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE tally (writer INTEGER, round INTEGER)"))

    async def write(writer: int) -> None:
        for number in range(ROUNDS):
            async with database.write() as connection:
                row = {"writer": writer, "round": number}
                await connection.execute(text("INSERT INTO tally VALUES (:writer, :round)"), row)
                await asyncio.sleep(0.001)

    async with asyncio.TaskGroup() as group:
        for writer in range(WRITERS):
            group.create_task(write(writer))
    async with database.read() as connection:
        total = (await connection.execute(text("SELECT COUNT(*) FROM tally"))).scalar_one()
    await database.close()
    assert total == WRITERS * ROUNDS
