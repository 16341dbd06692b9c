"""Migrations of scoring: they end in the declared tables, go down, and keep what is there."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import scoring
from scoring.tables import LABELS, metadata
from shared.db.database import Database
from shared.db.migrate import config_for

_MIGRATIONS = Path(scoring.__file__).parent / "migrations"


def _difference(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def move(database: Database, revision: str, *, is_up: bool = True) -> None:
    go = command.upgrade if is_up else command.downgrade
    async with database.write() as connection:
        await connection.run_sync(lambda c: go(config_for(_MIGRATIONS, metadata, c), revision))


async def labels_of(database: Database) -> Sequence[tuple[object, ...]]:
    query = text("SELECT alert, revision, level, probability FROM labels ORDER BY alert")
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(query)]


async def test_migrations_give_the_tables_and_go_down(database_url: str) -> None:
    """Up, down to nothing and up again: exactly the declared tables."""
    database = Database(database_url)
    await move(database, "head")
    await move(database, "base", is_up=False)
    await move(database, "head")
    async with database.write() as connection:
        assert await connection.run_sync(_difference) == []
    await database.close()


async def test_labels_outlive_the_way_to_openings_and_back(database_url: str) -> None:
    """A label stays as it was; one that waits for its prediction is lost on the way down."""
    database = Database(database_url)
    await move(database, "0003")
    old = ("alert_1", 2, "blue", 0.35)
    async with database.write() as connection:
        await connection.execute(
            text("INSERT INTO labels (alert, student, revision, level, probability) VALUES "
                 "('alert_1', 'p1:a', 2, 'blue', 0.35)")
        )  # fmt: skip
    await move(database, "0004")
    assert await labels_of(database) == [old]
    waits = {"alert": "alert_2", "student": "p1:b", "assessment": "asm_2", "opened_at": "2026"}
    async with database.write() as connection:
        await connection.execute(LABELS.insert().values(**waits))
    assert await labels_of(database) == [old, ("alert_2", None, None, None)]
    await move(database, "0003", is_up=False)
    assert await labels_of(database) == [old]
    await database.close()
