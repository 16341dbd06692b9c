"""`INSERT … ON CONFLICT` with the dialect of the connection."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(connection: AsyncConnection, table: Table) -> Any:  # noqa: ANN401 - either dialect's
    """Return the dialect's insert, which has `on_conflict_do_nothing` and `_do_update`."""
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    return kind.insert(table)


def upsert(connection: AsyncConnection, table: Table, key: str, *columns: str) -> Any:  # noqa: ANN401
    """Return an insert that overwrites `columns` where `key` exists."""
    statement = insert(connection, table)
    return statement.on_conflict_do_update(
        index_elements=[key], set_={name: statement.excluded[name] for name in columns}
    )
