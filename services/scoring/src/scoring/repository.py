"""The latest assessment of each student, read and written for one lane."""

import hashlib
from collections.abc import Collection, Iterable, Mapping

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.ports import Place
from scoring.tables import ASSESSMENTS
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder, encode
from shared.db.database import Database
from shared.db.statements import pieces, upsert

_DECODE = decoder(Assessment).decode


class AssessmentRepository:
    """Rows of one lane."""

    def __init__(self, database: Database, lane: str) -> None:
        self._database = database
        self._lane = lane

    async def positions(self, partitions: Collection[int]) -> dict[int, dict[str, int]]:
        """Return the last position of each student, by partition."""
        table = ASSESSMENTS
        query = select(table.c.partition, table.c.student, table.c.position).where(
            table.c.lane == self._lane, table.c.partition.in_(sorted(partitions))
        )
        found: dict[int, dict[str, int]] = {number: {} for number in partitions}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.partition][row.student] = row.position
        return found

    async def save(self, connection: AsyncConnection, places: Iterable[Place]) -> None:
        """Put the latest assessments, without committing."""
        await upsert(connection, ASSESSMENTS, [self._row(place) for place in places])

    async def forget(self, connection: AsyncConnection, students: Collection[str]) -> None:
        """Delete students' assessments, without committing."""
        for part in pieces(sorted(students)):
            mine = ASSESSMENTS.c.lane == self._lane
            await connection.execute(
                delete(ASSESSMENTS).where(mine, ASSESSMENTS.c.student.in_(part))
            )

    async def find(self, student: str) -> Assessment | None:
        """Return the latest assessment of a student."""
        query = select(ASSESSMENTS.c.document).where(
            ASSESSMENTS.c.lane == self._lane, ASSESSMENTS.c.student == student
        )
        async with self._database.read() as connection:
            document = (await connection.execute(query)).scalar_one_or_none()
        return None if document is None else _DECODE(document)

    async def digest(self) -> str:
        """Return the SHA-256 of what all assessments say, by student.

        Without position and ids: they tell where the log holds the evidence, and a request that a
        client sent again leaves repeats in the log, which move what comes after them.
        """
        query = select(ASSESSMENTS.c.document, ASSESSMENTS.c.student).where(
            ASSESSMENTS.c.lane == self._lane
        )
        parts: dict[str, bytes] = {}
        async with self._database.read() as connection:
            async for row in await connection.stream(query):
                said = encode(_without_place(_DECODE(row.document)))
                parts[row.student] = hashlib.sha256(said).digest()
        return _joined(parts)

    def _row(self, place: Place) -> dict[str, object]:
        one = place.assessment
        return {
            "lane": self._lane,
            "student": one.student,
            "partition": place.partition,
            "position": one.position,
            "college": one.college,
            "document": encode(_without_trace(one)),
        }


def _joined(parts: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for student in sorted(parts):  # in Python, so that no database's collation decides
        whole.update(student.encode() + b"\0" + parts[student])
    return whole.hexdigest()


def _without_place(one: Assessment) -> Assessment:
    return msgspec.structs.replace(one, id="", vector="", position=0)


def _without_trace(one: Assessment) -> Assessment:
    if one.traceparent is None:
        return one
    return msgspec.structs.replace(one, traceparent=None)
