"""The tree and the calendar."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.facts import CalendarEntry
from directory.domain.org import Node, Tree

ENTERED = "api"


def node_of(row: Any) -> Node:  # noqa: ANN401 - a row of any shape
    return Node(
        id=row.id,
        kind=row.kind,
        parent=row.parent,
        name_zh=row.name_zh,
        name_en=row.name_en,
        is_active=row.is_active,
        source=row.source,
    )


class OrgRepository:
    """`OrgStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def tree(self) -> Tree:
        rows = await self._connection.execute(select(tables.nodes))
        return Tree(node_of(row) for row in rows)

    async def calendar(self) -> list[CalendarEntry]:
        return await calendar_entries(self._connection)

    async def replace_calendar(self, node: str, entries: Sequence[CalendarEntry]) -> None:
        table = tables.calendar
        await self._connection.execute(
            delete(table).where(table.c.node == node, table.c.source == ENTERED)
        )
        await add_entries(self._connection, ENTERED, entries)


async def calendar_entries(
    connection: AsyncConnection, source: str | None = None
) -> list[CalendarEntry]:
    table = tables.calendar
    query = select(table.c.node, table.c.kind, table.c.start, table.c.end).distinct()
    if source is not None:
        query = query.where(table.c.source == source)
    rows = await connection.execute(query)
    return sorted(CalendarEntry(row.node, row.kind, row.start, row.end) for row in rows)


async def add_entries(
    connection: AsyncConnection, source: str, entries: Sequence[CalendarEntry]
) -> None:
    if entries:
        rows = [vars(entry) | {"source": source} for entry in entries]
        await connection.execute(insert(tables.calendar), rows)
