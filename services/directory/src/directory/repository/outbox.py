"""Records that wait for the broker, in the order in which they were decided."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import delete, func, select

from directory import tables
from directory.domain.ports import Waiting
from shared.db.database import Database
from shared.db.statements import try_lock

_T = tables.outbox.c


class OutboxRepository:
    """Read by one sender at a time, so that a student's versions never overtake each other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def oldest(self, limit: int) -> AsyncIterator[list[Waiting]]:
        """Hold the sender's turn with its oldest records."""
        # No snapshot: what the last holder of the lock removed must be seen as removed.
        async with self._database.read(is_snapshot=False) as connection:
            found: list[Waiting] = []
            if await try_lock(connection, "directory.outbox"):
                query = select(tables.outbox).order_by(_T.sequence).limit(limit)
                rows = await connection.execute(query)
                found = [Waiting(row.sequence, row.topic, row.key, row.value) for row in rows]
            yield found

    async def remove(self, sent: Sequence[Waiting]) -> None:
        async with self._database.write() as connection:
            numbers = [one.sequence for one in sent]
            await connection.execute(delete(tables.outbox).where(_T.sequence.in_(numbers)))

    async def count(self) -> int:
        async with self._database.read() as connection:
            found = await connection.execute(select(func.count()).select_from(tables.outbox))
            return int(found.scalar() or 0)
