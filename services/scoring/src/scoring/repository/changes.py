"""The log of what was served: entries are only ever added, one writer at a time."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.ports import Draft
from scoring.domain.standing import Change, Logged, Standing, logged, standing
from scoring.tables import MODEL_CHANGES
from shared.db.database import Database
from shared.db.statements import lock
from shared.kernel.errors import FencedError

_LOCK = "scoring.champion"


class ModelLog:
    """Reads the log, and adds to it what a decision on the whole of it asks for."""

    def __init__(self, database: Database, initial: str) -> None:
        self._database = database
        self._initial = initial

    async def read(self) -> Sequence[Logged]:
        """Return all changes, oldest first."""
        async with self._database.read() as connection:
            return await _all(connection)

    async def add(self, draft: Draft) -> Logged:
        """Ask for a change of how things stand, and add it, in one transaction.

        Raises:
            ConflictError: things do not stand so that the change is possible.
        """
        async with self._database.write() as connection:
            return await self.add_on(connection, draft)

    async def add_on(self, connection: AsyncConnection, draft: Draft) -> Logged:
        """Do as `add` does, in the caller's transaction."""
        return await self.append(connection, draft(await self.locked(connection)))

    async def locked(self, connection: AsyncConnection) -> Standing:
        """Return how things stand, which nobody changes before the transaction ends."""
        await lock(connection, _LOCK)
        return standing(self._initial, await _all(connection))

    async def append(self, connection: AsyncConnection, change: Change) -> Logged:
        """Add a change to the log that the transaction has locked."""
        log = await _all(connection)
        entry = logged(change, log[-1] if log else None)
        row = vars(entry.change) | {
            "number": entry.number,
            "previous": entry.previous,
            "hash": entry.hash,
        }
        await connection.execute(MODEL_CHANGES.insert().values(**row))
        return entry


async def hold(connection: AsyncConnection) -> None:
    """Let no change come before the transaction ends; many may hold at once."""
    await lock(connection, _LOCK, is_shared=True)


async def require_revision(connection: AsyncConnection, revision: int) -> None:
    """Make sure that no change came after this revision; it cannot before the transaction ends.

    Raises:
        FencedError: one did.
    """
    await hold(connection)
    newest = select(func.coalesce(func.max(MODEL_CHANGES.c.number), 0))
    found = (await connection.execute(newest)).scalar_one()
    if found != revision:
        raise FencedError(f"the champion changed: revision {found}, not {revision}")


async def _all(connection: AsyncConnection) -> list[Logged]:
    table = MODEL_CHANGES
    rows = await connection.execute(select(table).order_by(table.c.number))
    return [
        Logged(
            row.number,
            Change(
                at=row.at,
                actor=row.actor,
                action=row.action,
                bundle_from=row.bundle_from,
                bundle_to=row.bundle_to,
                reason=row.reason,
                digest=row.digest,
                is_forced=row.is_forced,
            ),
            row.previous,
            row.hash,
        )
        for row in rows
    ]
