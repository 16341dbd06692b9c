"""`INSERT … ON CONFLICT`, which SQLite and PostgreSQL spell the same and SQLAlchemy does not."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_into(connection: AsyncConnection, table: Table) -> Any:  # noqa: ANN401 - either dialect's
    """Return the dialect's own insert statement, which knows `on_conflict_do_update`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def aware(moment: datetime | None) -> datetime | None:
    """Return a stored moment as UTC; SQLite forgets the zone."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
