"""Reading the outbox for staff: states and codes, never an address."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from alerts.tables import outbox
from shared.db.database import Database

_SHOWN = (
    "number", "key", "student", "lane", "state", "alert", "tier", "channel", "person", "attempts",
    "next_attempt_at", "code", "receipt", "traceparent", "created_at", "finished_at",
)  # fmt: skip


class SqlOutboxView:
    """Finds rows, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, number: int) -> Row[Any] | None:
        query = select(*(outbox.c[name] for name in _SHOWN)).where(outbox.c.number == number)
        async with self._database.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def list(
        self,
        *,
        lane: str | None = None,
        state: str | None = None,
        alert: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Row[Any]]:
        query = select(*(outbox.c[name] for name in _SHOWN))
        for column, value in ((outbox.c.lane, lane), (outbox.c.state, state)):
            if value is not None:
                query = query.where(column == value)
        if alert is not None:
            query = query.where(outbox.c.alert == alert)
        if before is not None:
            query = query.where(outbox.c.number < before)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(outbox.c.number.desc()).limit(limit))
            return found.all()
