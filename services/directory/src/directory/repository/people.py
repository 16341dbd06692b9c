"""People, what they are where, and their sealed columns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.person import Assignment, DirectoryRole, Person
from directory.domain.vault import COLUMNS, Column


def person_of(row: Any) -> Person:  # noqa: ANN401 - a row of any shape
    return Person(row.id, row.pseudonym, row.language, row.is_active, row.content_mac)


def assignment_of(row: Any) -> Assignment:  # noqa: ANN401 - a row of any shape
    return Assignment(
        source=row.source,
        person=row.person,
        role=row.role,
        node=row.node,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_primary=row.is_primary,
    )


class PeopleRepository:
    """`PeopleStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, person: str) -> Person | None:
        query = select(tables.people).where(tables.people.c.id == person)
        row = (await self._connection.execute(query)).one_or_none()
        return person_of(row) if row else None

    async def assignments(self, person: str) -> list[Assignment]:
        table = tables.assignments
        query = select(table).where(table.c.person == person)
        query = query.order_by(table.c.role, table.c.node, table.c.source)
        return [assignment_of(row) for row in await self._connection.execute(query)]

    async def active_at(
        self, node: str, roles: Sequence[DirectoryRole]
    ) -> list[tuple[Person, Assignment]]:
        people, held = tables.people, tables.assignments
        query = (
            select(people, held)
            .join(held, held.c.person == people.c.id)
            .where(held.c.node == node, held.c.role.in_(roles), people.c.is_active)
        )
        rows = await self._connection.execute(query)
        return [(person_of(row), assignment_of(row)) for row in rows]

    async def sealed(self, person: str) -> dict[Column, str]:
        query = select(tables.people).where(tables.people.c.id == person)
        row = (await self._connection.execute(query)).one_or_none()
        return {column: getattr(row, column) if row else "" for column in COLUMNS}
