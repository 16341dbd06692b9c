"""What an import compares with, and what it writes."""

from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.roster.plan import Known, PersonToSave, Plan
from directory.domain.vault import Column
from directory.repository.org import add_entries, calendar_entries, node_of
from directory.repository.people import assignment_of, person_of
from shared.db.statements import lock, pieces, upsert

_STUDENT = ("pseudonym", "person", "degree", "intake")
SESSIONS = "academicSessions.csv"


class RosterRepository:
    """`RosterStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def known(self) -> Known:
        await lock(self._connection, "directory.roster")
        run = self._connection.execute
        people = tables.people.c
        public = select(
            people.id, people.pseudonym, people.language, people.is_active, people.content_mac
        )
        return Known(
            nodes={row.id: node_of(row) for row in await run(select(tables.nodes))},
            people={row.id: person_of(row) for row in await run(public)},
            assignments={assignment_of(row) for row in await run(select(tables.assignments))},
            calendar=set(await calendar_entries(self._connection, SESSIONS)),
        )

    async def save(self, plan: Plan, sealed: dict[str, dict[Column, str]]) -> None:
        connection = self._connection
        await upsert(connection, tables.nodes, [vars(node) for node in plan.nodes])
        rows: list[dict[str, Any]] = [
            vars(item.person) | {**sealed[item.person.id]} for item in plan.people
        ]
        await upsert(connection, tables.people, rows)
        await upsert(
            connection,
            tables.assignments,
            [vars(assignment) for assignment in plan.assignments],
        )
        await self._drop(plan)
        await self._save_students(plan)
        if plan.calendar is not None:
            table = tables.calendar
            await connection.execute(delete(table).where(table.c.source == SESSIONS))
            await add_entries(connection, SESSIONS, plan.calendar)

    async def _drop(self, plan: Plan) -> None:
        people, held = tables.people, tables.assignments.c
        for left in pieces(plan.left):
            await self._connection.execute(
                update(people).where(people.c.id.in_(left)).values(is_active=False)
            )
        if plan.dropped:
            names = ("source", "person", "role", "node")
            await self._connection.execute(
                delete(tables.assignments).where(
                    and_(*(held[name] == bindparam(f"b_{name}") for name in names))
                ),
                [{f"b_{name}": getattr(made, name) for name in names} for made in plan.dropped],
            )

    async def _save_students(self, plan: Plan) -> None:
        """Keep what was published of a known pseudonym; a new one has published nothing yet."""
        saved = [item for item in plan.people if item.person.pseudonym]
        known: set[str] = set()
        table = tables.students
        for some in pieces([item.person.pseudonym for item in saved]):
            found = await self._connection.execute(
                select(table.c.pseudonym).where(table.c.pseudonym.in_(some))
            )
            known.update(row.pseudonym for row in found)
        fresh = [_student(item) for item in saved if item.person.pseudonym not in known]
        nowhere = {"school": "", "college": "", "team": "", "published": None}
        await upsert(self._connection, table, [row | nowhere for row in fresh])
        old = [_student(item) for item in saved if item.person.pseudonym in known]
        if old:
            await self._connection.execute(
                update(table)
                .where(table.c.pseudonym == bindparam("b_pseudonym"))
                .values({name: bindparam(f"b_{name}") for name in _STUDENT if name != "pseudonym"}),
                [{f"b_{name}": row[name] for name in _STUDENT} for row in old],
            )


def _student(item: PersonToSave) -> dict[str, Any]:
    return {
        "pseudonym": item.person.pseudonym,
        "person": item.person.id,
        "degree": item.row.degree,
        "intake": item.row.intake,
    }
