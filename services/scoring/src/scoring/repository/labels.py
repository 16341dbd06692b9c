"""Predictions that may open an alert, until it opens; then the alert's label, until its verdict."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.domain.calibration import Label, need_of
from scoring.tables import LABELS, PREDICTIONS
from shared.contracts.alert import AlertEvent
from shared.contracts.assessment import Assessment
from shared.db.database import Database
from shared.db.statements import insert_into, pieces, upsert


async def save_predictions(connection: AsyncConnection, said: Iterable[Assessment]) -> None:
    """Keep what may open an alert, without committing."""
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
    await upsert(connection, PREDICTIONS, list(rows.values()))


async def forget_students(connection: AsyncConnection, students: Collection[str]) -> None:
    """Delete what erased students left here, without committing."""
    for part in pieces(sorted(students)):
        for table in (PREDICTIONS, LABELS):
            await connection.execute(delete(table).where(table.c.student.in_(part)))


class LabelRepository:
    """Labels by alert."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, connection: AsyncConnection, event: AlertEvent) -> bool:
        """Join an alert that opened with what the model said then; say whether it is known."""
        table = PREDICTIONS
        query = select(table).where(table.c.id == event.assessment)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            return False
        label = {
            "alert": event.alert,
            "student": event.student,
            "revision": row.revision,
            "level": row.level,
            "probability": row.probability,
        }
        added = insert_into(connection, LABELS).values(**label).on_conflict_do_nothing()
        await connection.execute(added)
        return True

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
            table.c.second_verdict.is_not(None)
        )
        async with self._database.read() as connection:
            return [(row[0], row[1]) for row in await connection.execute(query)]
