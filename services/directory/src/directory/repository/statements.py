"""What SQLite and PostgreSQL say differently: upserts and locks, and long lists in pieces."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
_PIECE = 500
LOCKS = {"roster": 7_102_001, "audit": 7_102_002, "outbox": 7_102_003}


def pieces(items: Sequence[T], size: int = _PIECE) -> Iterator[Sequence[T]]:
    """Cut a list so that no statement has too many parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace every other column where the primary key exists."""
    if not rows:
        return
    kind = postgresql if is_postgres(connection) else sqlite
    insert = kind.insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=changes)
    await connection.execute(statement, list(rows))


async def lock(connection: AsyncConnection, name: str) -> None:
    """Wait for a named lock until the transaction ends; SQLite has one writer anyway."""
    if is_postgres(connection):
        await connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCKS[name]})


async def try_lock(connection: AsyncConnection, name: str) -> bool:
    """Take a named lock if it is free."""
    if not is_postgres(connection):
        return True
    found = await connection.execute(
        text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": LOCKS[name]}
    )
    return bool(found.scalar())
