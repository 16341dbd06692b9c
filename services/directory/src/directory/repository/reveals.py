"""Reveals that were opened or wait for a second person."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.reveal import Reveal, RevealRequest
from shared.db.statements import upsert
from shared.kernel.campus_time import format_utc, parse_utc

_T = tables.reveals.c


class RevealRepository:
    """`RevealStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, reveal: str) -> Reveal | None:
        query = select(tables.reveals).where(_T.id == reveal).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return _reveal_of(row) if row else None

    async def save(self, reveal: Reveal, at: str) -> None:
        own = {name: value for name, value in vars(reveal).items() if name != "request"}
        changed = {"expires_at": format_utc(reveal.expires_at), "changed_at": at}
        await upsert(self._connection, tables.reveals, [vars(reveal.request) | own | changed])

    async def needing_review(self, limit: int) -> list[Reveal]:
        query = select(tables.reveals).where(_T.needs_review).order_by(_T.changed_at, _T.id)
        return [_reveal_of(row) for row in await self._connection.execute(query.limit(limit))]


def _reveal_of(row: Any) -> Reveal:  # noqa: ANN401 - a row of any shape
    return Reveal(
        id=row.id,
        request=RevealRequest(
            student=row.student,
            duty=row.duty,
            reason=row.reason,
            level=row.level,
            break_glass=row.break_glass,
        ),
        requested_by=row.requested_by,
        status=row.status,
        expires_at=parse_utc(row.expires_at),
        approved_by=row.approved_by,
        needs_review=row.needs_review,
        reviewed_by=row.reviewed_by,
    )
