"""Students, what was published of them, and their leave."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.facts import Leave, Student
from directory.domain.org import Place
from directory.domain.person import Assignment
from directory.repository.people import assignment_of
from shared.auth.permission import Rows
from shared.contracts.codec import decoder, encode
from shared.contracts.student import StudentFacts
from shared.contracts.topics import DIRECTORY_STUDENTS
from shared.db.statements import pieces, upsert

_decode = decoder(StudentFacts).decode
_T = tables.students.c


class StudentRepository:
    """`StudentStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, pseudonym: str, *, lock: bool = False) -> Student | None:
        query = _with_person().where(_T.pseudonym == pseudonym)
        query = query.with_for_update(of=tables.students) if lock else query
        row = (await self._connection.execute(query)).one_or_none()
        return _student_of(row) if row else None

    async def load(self, pseudonyms: Sequence[str] | None) -> list[Student]:
        base = _with_person().order_by(_T.pseudonym).with_for_update(of=tables.students)
        if pseudonyms is None:
            return [_student_of(row) for row in await self._connection.execute(base)]
        found: list[Student] = []
        for some in pieces(sorted(pseudonyms)):
            rows = await self._connection.execute(base.where(_T.pseudonym.in_(some)))
            found.extend(_student_of(row) for row in rows)
        return found

    async def memberships(self, students: Sequence[Student] | None) -> dict[str, list[Assignment]]:
        table = tables.assignments
        base = select(table).where(table.c.role == "student")
        found: dict[str, list[Assignment]] = {}
        wanted = [None] if students is None else list(pieces([s.person for s in students]))
        for some in wanted:
            query = base if some is None else base.where(table.c.person.in_(some))
            for row in await self._connection.execute(query):
                found.setdefault(row.person, []).append(assignment_of(row))
        return found

    async def page(
        self, rows: Rows, *, college: str | None, after: str, limit: int
    ) -> list[StudentFacts]:
        query = select(_T.published).where(
            _T.pseudonym > after, _T.published.is_not(None), _within(rows)
        )
        if college is not None:
            query = query.where(_T.college == college)
        query = query.order_by(_T.pseudonym).limit(limit)
        return [_decode(row.published) for row in await self._connection.execute(query)]

    async def in_place(self, place: Place) -> list[str]:
        query = select(_T.pseudonym)
        if place.college:
            query = query.where(_T.college == place.college)
        else:
            query = query.where(_T.school == place.school)
        return [row.pseudonym for row in await self._connection.execute(query)]

    async def publish(self, facts: Sequence[StudentFacts]) -> None:
        written = [(fact, encode(fact).decode()) for fact in facts]
        statement = update(tables.students).where(_T.pseudonym == bindparam("student"))
        await self._connection.execute(
            statement.values(
                school=bindparam("in_school"),
                college=bindparam("in_college"),
                team=bindparam("in_team"),
                published=bindparam("text"),
            ),
            [
                {
                    "student": fact.student,
                    "in_school": fact.school,
                    "in_college": fact.college,
                    "in_team": fact.team,
                    "text": text,
                }
                for fact, text in written
            ],
        )
        topic = DIRECTORY_STUDENTS.name
        await self._connection.execute(
            insert(tables.outbox),
            [{"topic": topic, "key": fact.student, "value": text} for fact, text in written],
        )

    async def leaves(self, pseudonyms: Sequence[str] | None) -> dict[str, list[Leave]]:
        table = tables.leaves
        base = select(table).order_by(table.c.start, table.c.id)
        found: dict[str, list[Leave]] = {}
        wanted = [None] if pseudonyms is None else list(pieces(list(pseudonyms)))
        for some in wanted:
            query = base if some is None else base.where(table.c.student.in_(some))
            for row in await self._connection.execute(query):
                leave = Leave(row.id, row.student, row.kind, row.start, row.end, row.is_withdrawn)
                found.setdefault(row.student, []).append(leave)
        return found

    async def save_leave(self, leave: Leave, entered_by: str, at: str) -> None:
        row = vars(leave) | {"entered_by": entered_by, "changed_at": at}
        await upsert(self._connection, tables.leaves, [row])


def _with_person() -> Select[Any]:
    people = tables.people
    return select(tables.students, people.c.is_active, people.c.pseudonym.label("current")).join(
        people, people.c.id == _T.person
    )


def _student_of(row: Any) -> Student:  # noqa: ANN401 - a row of any shape
    return Student(
        pseudonym=row.pseudonym,
        person=row.person,
        degree=row.degree,
        intake=row.intake,
        is_current=row.is_active and row.current == row.pseudonym,
        published=_decode(row.published) if row.published else None,
    )


def _within(rows: Rows) -> ColumnElement[bool]:
    """Return the actor's rows as a condition: the scope is in the query, not after it."""
    if rows.everything:
        return true()
    parts = [
        column.in_(sorted(values))
        for column, values in (
            (_T.school, rows.schools),
            (_T.college, rows.colleges),
            (_T.team, rows.teams),
            (_T.pseudonym, rows.students),
        )
        if values
    ]
    return or_(*parts) if parts else false()
