"""What SQLite and PostgreSQL say differently: upserts and locks; and long lists in pieces."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Insert, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
_PIECE = 500


def pieces(items: Sequence[T], size: int = _PIECE) -> Iterator[Sequence[T]]:
    """Cut a list so that no statement has too many parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert:
    """Return the dialect's own insert, which has `on_conflict_do_nothing` and `_do_update`."""
    return insert_of(connection.dialect.name, table)


def insert_of(dialect: str, table: Table) -> postgresql.Insert:
    """Return `insert_into` of a dialect by its name, for statements that are built once.

    SQLite's own has the same methods for conflicts, so one type names both.
    """
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return cast("postgresql.Insert", kind(table))


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *keep: str
) -> None:
    """Insert rows, or overwrite the rows with the same primary key, all but the columns `keep`."""
    if not rows:
        return
    statement = _upsert_of(connection.dialect.name, table, tuple(rows[0]), keep)
    await connection.execute(statement, list(rows))


@lru_cache(maxsize=256)
def _upsert_of(
    dialect: str, table: Table, columns: tuple[str, ...], keep: tuple[str, ...]
) -> Insert:
    statement = insert_of(dialect, table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement.excluded[name] for name in columns if name not in {*keys, *keep}}
    if changes:
        return statement.on_conflict_do_update(index_elements=keys, set_=changes)
    return statement.on_conflict_do_nothing(index_elements=keys)


async def lock(connection: AsyncConnection, name: str, *, is_shared: bool = False) -> None:
    """Wait for a named lock until the transaction ends; SQLite has one writer anyway.

    Shared holders do not wait for each other. Name locks `<service>.<what>`.
    """
    if is_postgres(connection):
        kind = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
        await connection.execute(text(f"SELECT {kind}(:n)"), {"n": number_of(name)})


async def try_lock(connection: AsyncConnection, name: str) -> bool:
    """Take a named lock if it is free; on SQLite it always is."""
    if not is_postgres(connection):
        return True
    query = text("SELECT pg_try_advisory_xact_lock(:n)")
    return bool((await connection.execute(query, {"n": number_of(name)})).scalar())


def number_of(name: str) -> int:
    """Return the number by which PostgreSQL knows a lock, the same in every process."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
