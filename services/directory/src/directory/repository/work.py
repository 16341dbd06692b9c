"""Transactions with all stores on one connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from directory.domain.ports import Stores
from directory.repository.audit import AuditRepository
from directory.repository.org import OrgRepository
from directory.repository.people import PeopleRepository
from directory.repository.reveals import RevealRepository
from directory.repository.roster import RosterRepository
from directory.repository.students import StudentRepository
from shared.db.database import Database


def stores_on(connection: AsyncConnection) -> Stores:
    return Stores(
        org=OrgRepository(connection),
        people=PeopleRepository(connection),
        roster=RosterRepository(connection),
        students=StudentRepository(connection),
        reveals=RevealRepository(connection),
        audit=AuditRepository(connection),
    )


class DatabaseWork:
    """`Work` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Stores]:
        async with self._database.write() as connection:
            yield stores_on(connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Stores]:
        async with self._database.read() as connection:
            yield stores_on(connection)
