"""The audit chain. One writer at a time; entries are added, never changed."""

import json
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from directory import tables
from directory.domain.audit import AuditEntry, ChainedEntry, SignedHead, chained
from shared.db.statements import lock

_T = tables.audit.c


class AuditRepository:
    """`AuditStore` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, entry: AuditEntry) -> ChainedEntry:
        await lock(self._connection, "directory.audit")
        link = chained(entry, await self.last())
        row = vars(entry) | {
            "detail": json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
            "sequence": link.sequence,
            "previous": link.previous,
            "hash": link.hash,
        }
        await self._connection.execute(insert(tables.audit), row)
        return link

    async def page(self, after: int, limit: int) -> list[ChainedEntry]:
        query = select(tables.audit).where(_T.sequence > after).order_by(_T.sequence)
        return [_link_of(row) for row in await self._connection.execute(query.limit(limit))]

    async def last(self) -> ChainedEntry | None:
        query = select(tables.audit).order_by(_T.sequence.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        return _link_of(row) if row else None

    async def heads(self) -> list[SignedHead]:
        query = select(tables.audit_heads).order_by(tables.audit_heads.c.day)
        rows = await self._connection.execute(query)
        return [SignedHead(row.day, row.sequence, row.hash, row.signature) for row in rows]

    async def save_head(self, head: SignedHead) -> None:
        await lock(self._connection, "directory.audit")
        await self._connection.execute(insert(tables.audit_heads), vars(head))


def _link_of(row: Any) -> ChainedEntry:  # noqa: ANN401 - a row of any shape
    try:
        detail = json.loads(row.detail)
    except ValueError:
        detail = {"unreadable": row.detail}  # altered: the check will say so
    entry = AuditEntry(row.at, row.actor, row.action, row.subject, row.outcome, detail)
    return ChainedEntry(row.sequence, entry, row.previous, row.hash)
