"""Alembic, run from code: each service ships `<service>/migrations` inside its package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData

from shared.db.database import Database
from shared.kernel.errors import ConfigError


async def upgrade(database: Database, migrations: Path, metadata: MetaData) -> None:
    """Bring the database to the newest revision.

    Raises:
        ConfigError: the migrations folder is missing.
    """
    if not (migrations / "env.py").exists():
        raise ConfigError("migrations", f"no env.py in {migrations.name}")
    async with database.write() as connection:
        await connection.run_sync(_run, migrations, metadata, "head")


def config_for(migrations: Path, metadata: MetaData, connection: Connection) -> Config:
    """Return an Alembic configuration bound to one open connection."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def _run(connection: Connection, migrations: Path, metadata: MetaData, revision: str) -> None:
    command.upgrade(config_for(migrations, metadata, connection), revision)
