"""One `Database` a service: SQLite with WAL or PostgreSQL, the same calls on both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.util.concurrency import await_only, in_greenlet

from shared.kernel.errors import UnavailableError

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
_SNAPSHOT: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_NO_OPTIONS: Mapping[str, Any] = {}


class Database:
    """An engine and the two kinds of transaction that a service may open.

    `write()` takes the write lock at once on SQLite (`BEGIN IMMEDIATE`), so that two tasks wait for
    each other instead of failing. SQLite's own waiting is not fair, a busy neighbour can starve a
    writer until its time-out; so the writers of one process queue here first. Both kinds commit on
    a clean exit and roll back on an exception. Writing transactions do not nest.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine: AsyncEngine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a writing transaction.

        Raises:
            UnavailableError: the database is away or stayed locked.
        """
        async with self._turn, self._begin("write") as connection:
            yield connection

    @asynccontextmanager
    async def read(self, *, is_snapshot: bool = True) -> AsyncIterator[AsyncConnection]:
        """Open a reading transaction: all its statements see the same moment, and none may write.

        On PostgreSQL that moment is the first statement's; so who takes an advisory lock first and
        must see what its last holder left says `is_snapshot=False`.
        """
        options = _SNAPSHOT if is_snapshot and not self.is_sqlite else {}
        async with self._begin("read", options) as connection:
            yield connection

    @asynccontextmanager
    async def _begin(
        self, mode: str, options: Mapping[str, Any] = _NO_OPTIONS
    ) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as bare:
                connection = await bare.execution_options(lantern_mode=mode, **options)
                async with connection.begin():
                    yield connection
        except OperationalError as error:
            raise UnavailableError(f"database: {type(error.orig).__name__}") from error

    async def close(self) -> None:
        await self.engine.dispose()


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=5,
        pool_use_lifo=True,
        hide_parameters=True,  # they hold names, and errors are logged
    )


def _shielded(work: Awaitable[object]) -> None:
    """Await in SQLAlchemy's greenlet; who is cancelled once more meanwhile still closes."""
    try:
        await_only(asyncio.shield(work))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling() <= 1:  # not on its way out already: heed it
            raise


def _sqlite_engine(url: str) -> AsyncEngine:
    file = make_url(url).database
    in_memory = file in (None, "", ":memory:")
    if not in_memory and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    # the connection used last has its pages and statements at hand, and its thread awake
    extra: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_use_lifo": True}
    engine = create_async_engine(url, hide_parameters=True, **extra)  # parameters hold names

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "close")
    def _release(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
        # A closed connection lives on, with its lock, until the last cursor on it is collected: a
        # cancelled transaction would lock the file for as long. Rolled back it holds none.
        if in_greenlet():
            _shielded(connection.driver_connection.rollback())

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - the driver's own types
        mode = connection.get_execution_options().get("lantern_mode", "write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "write" else "BEGIN")

    return engine
