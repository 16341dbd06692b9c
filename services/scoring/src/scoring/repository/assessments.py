"""The latest assessment of each student, read and written for one lane."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, FromClause, and_, case, delete, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.comparison import ABSTAINED, Comparison
from scoring.domain.inputs import packed
from scoring.domain.ports import Place, Seen
from scoring.repository.changes import require_revision
from scoring.repository.labels import forget_students, save_predictions
from scoring.tables import ASSESSMENTS
from shared.bundle.manifest import Thresholds
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder, encode
from shared.db.database import Database
from shared.db.statements import pieces, upsert

_DECODE = decoder(Assessment).decode


class AssessmentRepository:
    """Rows of one lane, written under one revision; `is_owner` also answers for erased students."""

    def __init__(
        self, database: Database, lane: str, *, revision: int = 0, is_owner: bool = True
    ) -> None:
        self._database = database
        self._lane = lane
        self._revision = revision
        self._is_owner = is_owner

    async def positions(self, partitions: Collection[int]) -> dict[int, dict[str, int]]:
        """Return the last position of each student, by partition.

        What an older revision assessed is assessed once more: its position counts as one less.
        """
        table = ASSESSMENTS
        mine = table.c.revision == self._revision
        position = case((mine, table.c.position), else_=table.c.position - 1).label("position")
        query = select(table.c.partition, table.c.student, position).where(
            table.c.lane == self._lane, table.c.partition.in_(sorted(partitions))
        )
        found: dict[int, dict[str, int]] = {number: {} for number in partitions}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.partition][row.student] = row.position
        return found

    async def save(self, connection: AsyncConnection, places: Sequence[Place]) -> None:
        """Put the latest assessments, without committing.

        Raises:
            FencedError: the champion has changed, and these are not of its revision.
        """
        if self._is_owner:
            await require_revision(connection, self._revision)
        inputs = iter(packed([p.values for p in places if p.values is not None]))
        rows = [self._row(p, None if p.values is None else next(inputs)) for p in places]
        await upsert(connection, ASSESSMENTS, rows)

    async def predict(self, connection: AsyncConnection, said: Iterable[Assessment]) -> None:
        """Keep what may open an alert, without committing; a shadow opens none."""
        if self._is_owner:
            await save_predictions(connection, said)

    async def probabilities(self) -> list[float]:
        """Return everybody's probability, where one was given."""
        table = ASSESSMENTS
        query = select(table.c.probability).where(
            table.c.lane == self._lane, table.c.probability.is_not(None)
        )
        async with self._database.read() as connection:
            return [row[0] for row in await connection.execute(query)]

    async def forget(self, connection: AsyncConnection, students: Collection[str]) -> None:
        """Delete students' assessments, without committing: the champion's worker in every lane.

        A shadow that is at work deletes its own row when it comes to the tombstone; a lane that
        rests would keep what it has. A shadow that is ahead may have saved a row of a student who
        returned: that goes too, and comes again with the student's next vector. A tombstone has no
        position to tell the two apart, and keeping the row of an erased student would be worse.
        """
        for part in pieces(sorted(students)):
            here = true() if self._is_owner else ASSESSMENTS.c.lane == self._lane
            theirs = and_(here, ASSESSMENTS.c.student.in_(part))
            await connection.execute(delete(ASSESSMENTS).where(theirs))
        if self._is_owner:
            await forget_students(connection, students)

    async def find(self, student: str) -> Assessment | None:
        """Return the latest assessment of a student."""
        query = select(ASSESSMENTS.c.document).where(
            ASSESSMENTS.c.lane == self._lane, ASSESSMENTS.c.student == student
        )
        async with self._database.read() as connection:
            document = (await connection.execute(query)).scalar_one_or_none()
        return None if document is None else _DECODE(document)

    async def compared_with(self, lane: str, cuts: Thresholds) -> Comparison:
        """Count students by this lane's level and another's, both by the same cuts."""
        mine, other = ASSESSMENTS.alias("mine"), ASSESSMENTS.alias("other")
        both = (
            select(_level(mine, cuts).label("old"), _level(other, cuts).label("new"))
            .join(other, and_(other.c.student == mine.c.student, other.c.lane == lane))
            .where(mine.c.lane == self._lane)
            .subquery()
        )
        levels = both.c.old, both.c.new
        async with self._database.read() as connection:
            rows = (await connection.execute(select(*levels, func.count()).group_by(*levels))).all()
            sizes = await _sizes(connection)
        cells = {(old, new): count for old, new, count in rows}
        return Comparison(sizes.get(self._lane, 0), sizes.get(lane, 0), cells)

    async def sizes(self) -> dict[str, int]:
        """Return how many students each lane has assessed."""
        async with self._database.read() as connection:
            return await _sizes(connection)

    async def seen(self) -> Seen:
        """Return each student's latest inputs, by student."""
        table = ASSESSMENTS
        query = select(table.c.student, table.c.college, table.c.inputs).where(
            table.c.lane == self._lane, table.c.inputs.is_not(None)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(table.c.student))).all()
        return Seen([r.student for r in rows], [r.college for r in rows], [r.inputs for r in rows])

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

    def _row(self, place: Place, inputs: bytes | None) -> dict[str, object]:
        one = place.assessment
        return {
            "lane": self._lane,
            "student": one.student,
            "partition": place.partition,
            "position": one.position,
            "college": one.college,
            "document": encode(_without_trace(one)),
            "revision": one.revision,
            "level": one.level if one.status == "scored" else ABSTAINED,
            "probability": one.probability,
            "inputs": inputs,
        }


def _level(of: FromClause, cuts: Thresholds) -> ColumnElement[str]:
    """Return the level that stored probabilities have by these cuts, as `judge.level_of` does."""
    said = of.c.probability
    return case(
        (said.is_(None), ABSTAINED),
        (said >= cuts.orange, "orange"),
        (said >= cuts.yellow, "yellow"),
        (said >= cuts.blue, "blue"),
        else_="none",
    )


async def _sizes(connection: AsyncConnection) -> dict[str, int]:
    query = select(ASSESSMENTS.c.lane, func.count()).group_by(ASSESSMENTS.c.lane)
    return {row[0]: row[1] for row in await connection.execute(query)}


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
