"""Predictions that may open an alert, and the labels of those that opened on one.

Assessments are published before they are saved, so an alert may open before its prediction is here.
Its label then waits without a probability, and whoever saves the prediction completes it. So that
neither of two transactions misses what the other writes, both lock the log of what was served:
shared for predictions, whole for alerts. They do so before they touch a row here, or two
transactions could wait for each other.

An alert may have opened on an assessment that a promotion fenced, which is never saved. Its label
then takes what the new champion says of the same moment, as everybody is assessed again, if the new
champion would have opened it too; else it is no label of anybody's and is given up in time. Should
its own prediction come after all, that is put in its place.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.calibration import Label, need_of
from scoring.repository.changes import hold
from scoring.tables import LABELS, PREDICTIONS
from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import Assessment
from shared.db.database import Database
from shared.db.statements import insert_into, pieces, upsert

_SAID = ("revision", "level", "probability")
Mark = tuple[int, int, float]
_Text = str | ColumnElement[str]
_WAITS = LABELS.c.revision.is_(None)


async def save_predictions(connection: AsyncConnection, said: Iterable[Assessment]) -> None:
    """Keep what may open an alert, and complete labels that wait for it, without committing."""
    said = list(said)
    rows = {
        one.id: {
            "id": one.id,
            "student": one.student,
            "revision": one.revision,
            "level": one.level,
            "probability": one.probability,
            "as_of": one.as_of,
        }
        for one in said
        if one.probability is not None
    }
    if not rows:
        return
    await hold(connection)
    await upsert(connection, PREDICTIONS, list(rows.values()))
    own = _said(PREDICTIONS.c.id == LABELS.c.assessment)
    for part in pieces(list(rows)):
        theirs = update(LABELS).where(LABELS.c.assessment.in_(part))
        await connection.execute(theirs.values(_columns(own)))
        twin = _said_at(LABELS.c.student, LABELS.c.opened_at).where(PREDICTIONS.c.id.in_(part))
        students = sorted({str(rows[id_]["student"]) for id_ in part})
        theirs = update(LABELS).where(_WAITS, LABELS.c.student.in_(students), twin.exists())
        await connection.execute(theirs.values(_columns(twin)))


def _said(which: ColumnElement[bool]) -> Select[Any]:
    return select(*(PREDICTIONS.c[name] for name in _SAID)).where(which)


def _said_at(student: _Text, moment: _Text) -> Select[Any]:
    """Return by what the newest revision would have opened an alert on that evidence.

    Below its lowest cut it may or may not have, which is for the policy to say: no label is made
    of that.
    """
    mine = _said((PREDICTIONS.c.student == student) & (PREDICTIONS.c.as_of == moment))
    mine = mine.where(PREDICTIONS.c.level != "none")
    return mine.order_by(PREDICTIONS.c.revision.desc(), PREDICTIONS.c.id).limit(1)


def _columns(found: Select[Any]) -> dict[str, Any]:
    return {name: found.with_only_columns(PREDICTIONS.c[name]).scalar_subquery() for name in _SAID}


async def forget_students(connection: AsyncConnection, students: Collection[str]) -> None:
    """Delete what erased students left here, without committing."""
    if students:
        await hold(connection)
    for part in pieces(sorted(students)):
        for table in (PREDICTIONS, LABELS):
            await connection.execute(delete(table).where(table.c.student.in_(part)))


class LabelRepository:
    """Labels by alert; who writes them has locked the log of what was served."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, connection: AsyncConnection, event: AlertEvent, revision: int) -> None:
        """Join an alert that opened with what the model said then, now or when that is saved.

        Where that was fenced, `revision`, which serves now, is who says the same again; what an
        older one said of the moment opened nothing.
        """
        own = await connection.execute(_said(PREDICTIONS.c.id == event.assessment))
        said = own.mappings().one_or_none()
        if said is None:
            twin = _said_at(event.student, event.at).where(PREDICTIONS.c.revision >= revision)
            said = (await connection.execute(twin)).mappings().one_or_none()
        label = {
            "alert": event.alert,
            "student": event.student,
            "assessment": event.assessment,
            "opened_at": event.at,
            **(said or {}),
        }
        added = insert_into(connection, LABELS).values(**label).on_conflict_do_nothing()
        await connection.execute(added)

    async def closed(self, connection: AsyncConnection, event: AlertEvent) -> None:
        """Put the verdict of an alert, which stays its label."""
        first = update(LABELS).where(LABELS.c.alert == event.alert, LABELS.c.verdict.is_(None))
        await connection.execute(first.values(verdict=event.verdict, reviewer=event.actor))

    async def reviewed(self, connection: AsyncConnection, event: AlertEvent) -> None:
        """Put another person's verdict beside the first; the first such one stays."""
        second = update(LABELS).where(
            LABELS.c.alert == event.alert,
            LABELS.c.reviewer != event.actor,
            LABELS.c.second_verdict.is_(None),
        )
        await connection.execute(second.values(second_verdict=event.verdict))

    async def prune(self, connection: AsyncConnection, before: str) -> None:
        """Forget predictions that no alert came of."""
        await connection.execute(delete(PREDICTIONS).where(PREDICTIONS.c.as_of < before))

    async def give_up(self, connection: AsyncConnection, before: str) -> list[str]:
        """Forget alerts that opened before and still wait for their prediction; return them."""
        in_vain = _WAITS, LABELS.c.opened_at < before
        gone = delete(LABELS).where(*in_vain).returning(LABELS.c.alert)
        return list((await connection.execute(gone)).scalars())

    async def knows(self, alert: str) -> bool:
        """Say whether an alert is kept."""
        query = select(LABELS.c.alert).where(LABELS.c.alert == alert)
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def mark(self) -> Mark:
        """Return figures of the labels with prediction and verdict that change when one does."""
        has_both = LABELS.c.revision.is_not(None), LABELS.c.verdict.is_not(None)
        of = func.count(), func.sum(LABELS.c.revision), func.sum(LABELS.c.probability)
        async with self._database.read() as connection:
            count, revisions, probabilities = (
                await connection.execute(select(*of).where(*has_both))
            ).one()
        return count, int(revisions or 0), float(probabilities or 0.0)

    async def of_revision(self, connection: AsyncConnection, revision: int) -> list[Label]:
        """Return the labels of alerts that a revision opened."""
        table = LABELS
        query = select(table).where(table.c.revision == revision, table.c.verdict.is_not(None))
        found = [
            (row.level, row.probability, need_of(row.verdict))
            for row in await connection.execute(query)
        ]
        return [Label(level, p, need) for level, p, need in found if need is not None]

    async def labels(self, revision: int) -> Sequence[Label]:
        """Return the labels of a revision, for people."""
        async with self._database.read() as connection:
            return await self.of_revision(connection, revision)

    async def waiting(self, revision: int) -> int:
        """Return how many alerts of a revision have no verdict yet."""
        query = select(LABELS.c.alert).where(
            LABELS.c.revision == revision, LABELS.c.verdict.is_(None)
        )
        async with self._database.read() as connection:
            return len((await connection.execute(query)).all())

    async def pairs(self) -> list[tuple[str, str]]:
        """Return the verdicts of alerts that two people judged."""
        table = LABELS
        query = select(table.c.verdict, table.c.second_verdict).where(
            table.c.second_verdict.is_not(None), table.c.revision.is_not(None)
        )
        async with self._database.read() as connection:
            return [(row[0], row[1]) for row in await connection.execute(query)]
