"""Dead letters, as read back from their topic."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ingest import tables
from ingest.domain.letters import Letter, LetterQuery
from ingest.domain.results import EventResult
from ingest.repository.moments import aware
from shared.contracts.feed import DeadLetter
from shared.db.database import Database
from shared.db.statements import insert_into
from shared.kernel.trace import valid

_table = tables.dead_letters


class LetterRepository:
    """Implements `ingest.domain.ports.LetterStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, query: LetterQuery) -> list[Letter]:
        columns = _table.c
        statement = select(_table).order_by(columns.position.desc()).limit(query.limit)
        for name in ("feed", "reason", "stage", "state"):
            value = getattr(query, name)
            if value is not None:
                statement = statement.where(columns[name] == value)
        if query.before is not None:
            statement = statement.where(columns.position < query.before)
        async with self._database.read() as connection:
            return [_letter(row) for row in await connection.execute(statement)]

    async def get(self, letter_id: str) -> Letter | None:
        async with self._database.read() as connection:
            rows = await connection.execute(select(_table).where(_table.c.id == letter_id))
            row = rows.one_or_none()
            return _letter(row) if row else None

    async def mark(self, letter_id: str, result: EventResult, at: datetime) -> None:
        values: dict[str, Any] = {"last_redrive_at": at, "redrives": _table.c.redrives + 1}
        if result.status == "rejected":
            values |= {"reason": result.reason, "detail": result.detail, "field": result.field}
        else:
            values["state"] = "redriven"
        async with self._database.write() as connection:
            await connection.execute(
                update(_table).where(_table.c.id == letter_id).values(**values)
            )


async def put(connection: AsyncConnection, letters: Sequence[DeadLetter]) -> None:
    """Add letters that are not there yet, inside the reader's own transaction."""
    if not letters:
        return
    statement = insert_into(connection, _table).on_conflict_do_nothing(index_elements=["id"])
    await connection.execute(statement, [_row(letter) for letter in letters])


def _row(letter: DeadLetter) -> dict[str, Any]:
    """Fit a letter into its row: other stages choose their own words, PostgreSQL refuses NUL."""
    return {
        "id": _fit(letter.id, 80),
        "feed": _fit(letter.feed, 64),
        "stage": letter.stage,
        "reason": _fit(letter.reason, 64),
        "detail": _fit(letter.detail, 2000),
        "field": _fit(letter.field, 400) if letter.field else None,
        "at": _fit(letter.at, 40),
        "origin": _fit(letter.origin, 400) if letter.origin else None,
        "payload": letter.payload,
        "key_id": letter.key_id,
        "state": "open",
        "redrives": 0,
        "traceparent": valid(letter.traceparent),
    }


def _fit(text: str, most: int) -> str:
    return text.replace("\x00", "")[:most]


def _letter(row: Any) -> Letter:  # noqa: ANN401 - a database row
    return Letter(
        **{name: getattr(row, name) for name in Letter.__dataclass_fields__ if name != _AT},
        last_redrive_at=aware(row.last_redrive_at),
    )


_AT = "last_redrive_at"
