"""Imports in ingest's database: what is to be done, how far it got, what was wrong."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ingest.domain.imports import (
    FAULTS_KEPT,
    OPEN_STATES,
    FileProgress,
    Import,
    ImportPlan,
    ImportState,
    LookupFile,
    Pending,
    Position,
    RowFault,
    SourceFile,
    Tally,
)
from ingest.domain.ledger import Counts
from ingest.domain.mapping_description import FeedDescription
from ingest.readers.tables import ImportFaultRow, ImportFileRow, ImportReasonRow, ImportRow
from shared.db.database import Database
from shared.kernel.clock import Clock

_ERROR_MAX = 500


class SqlImportStore:
    """Implements `ImportStore`; an import belongs to the instance that has its files."""

    def __init__(self, database: Database, clock: Clock, instance: str) -> None:
        self._database = database
        self._clock = clock
        self._instance = instance

    async def add(self, job: Import) -> None:
        files = [
            {"import_id": job.id, "number": f.number, "accepted": 0, "duplicate": 0, "rejected": 0}
            for f in job.plan.files
        ]
        async with self._database.write() as connection:
            await connection.execute(
                insert(ImportRow).values(
                    id=job.id,
                    instance=self._instance,
                    name=job.name,
                    state=job.state,
                    plan=_plan_text(job.plan),
                    created_at=job.created_at,
                    updated_at=job.updated_at,
                    staged=job.staged,
                    total=job.total,
                    position=_position_text(job.position),
                    pending=None,
                )
            )
            await connection.execute(insert(ImportFileRow), files)

    async def get(self, import_id: str) -> Import | None:
        found = await self._select(select(ImportRow).where(ImportRow.c.id == import_id))
        return found[0] if found else None

    async def newest(self, limit: int) -> list[Import]:
        newest_first = (ImportRow.c.created_at.desc(), ImportRow.c.id)
        return await self._select(select(ImportRow).order_by(*newest_first).limit(limit))

    async def open_imports(self) -> list[Import]:
        mine = (ImportRow.c.state.in_(OPEN_STATES), ImportRow.c.instance == self._instance)
        oldest_first = (ImportRow.c.created_at, ImportRow.c.id)
        return await self._select(select(ImportRow).where(*mine).order_by(*oldest_first))

    async def _select(self, query: Select[Any]) -> list[Import]:
        async with self._database.read() as connection:
            return [_import_of(row) for row in await connection.execute(query)]

    async def staged(
        self, import_id: str, state: ImportState, rows: int, total: int | None
    ) -> None:
        await self._change(import_id, state=state, staged=rows, total=total)

    async def finish(self, import_id: str, state: ImportState, error: str | None) -> None:
        await self._change(import_id, state=state, error=error and error[:_ERROR_MAX], pending=None)

    async def _change(self, import_id: str, **values: object) -> None:
        async with self._database.write() as connection:
            await self._update(connection, import_id, values)

    async def _update(
        self, connection: AsyncConnection, import_id: str, values: dict[str, object]
    ) -> None:
        row = update(ImportRow).where(ImportRow.c.id == import_id)
        await connection.execute(row.values(updated_at=self._clock.now(), **values))

    async def advance(
        self, import_id: str, position: Position, tally: Tally, pending: Pending | None
    ) -> None:
        changed = {"position": _position_text(position), "pending": _pending_text(pending)}
        async with self._database.write() as connection:
            await self._update(connection, import_id, dict(changed))
            for number, counts in tally.counts.items():
                await connection.execute(_added(import_id, number, counts))
            if tally.faults:
                await self._add_faults(connection, import_id, tally)

    async def _add_faults(self, connection: AsyncConnection, import_id: str, tally: Tally) -> None:
        stored = await _reasons(connection, import_id)
        kept = Counter({key: min(count, FAULTS_KEPT) for key, count in stored.items()})
        rows = []
        for fault in tally.faults:
            kept[fault.file, fault.reason] += 1
            if kept[fault.file, fault.reason] <= FAULTS_KEPT:
                rows.append(_fault_values(import_id, fault))
        if rows:
            await connection.execute(insert(ImportFaultRow), rows)
        for place, count in tally.reasons.items():
            await connection.execute(_reason(import_id, place, count, stored))

    async def files(self, import_id: str) -> list[FileProgress]:
        job = await self.get(import_id)
        if job is None:
            return []
        query = select(ImportFileRow).where(ImportFileRow.c.import_id == import_id)
        async with self._database.read() as connection:
            counts = {
                row.number: Counts(row.accepted, row.duplicate, row.rejected)
                for row in await connection.execute(query)
            }
            reasons: dict[int, dict[str, int]] = defaultdict(dict)
            for (number, reason), count in (await _reasons(connection, import_id)).items():
                reasons[number][reason] = count
        return [FileProgress(f, counts[f.number], reasons[f.number]) for f in job.plan.files]

    async def faults(self, import_id: str, after: tuple[int, int], limit: int) -> list[RowFault]:
        table = ImportFaultRow.c
        query = (
            select(ImportFaultRow)
            .where(table.import_id == import_id, tuple_(table.number, table.line) > after)
            .order_by(table.number, table.line)
            .limit(limit)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).all()
        return [RowFault(row.number, row.line, row.reason, row.fault_column) for row in found]


async def _reasons(connection: AsyncConnection, import_id: str) -> dict[tuple[int, str], int]:
    query = select(ImportReasonRow).where(ImportReasonRow.c.import_id == import_id)
    return {(row.number, row.reason): row.rows for row in await connection.execute(query)}


def _added(import_id: str, number: int, counts: Counts) -> Any:  # noqa: ANN401 - a statement
    table = ImportFileRow.c
    return (
        update(ImportFileRow)
        .where(table.import_id == import_id, table.number == number)
        .values(
            accepted=table.accepted + counts.accepted,
            duplicate=table.duplicate + counts.duplicate,
            rejected=table.rejected + counts.rejected,
        )
    )


def _reason(
    import_id: str, place: tuple[int, str], count: int, stored: dict[tuple[int, str], int]
) -> Any:  # noqa: ANN401 - a statement
    key = {"import_id": import_id, "number": place[0], "reason": place[1]}
    if place not in stored:
        return insert(ImportReasonRow).values(**key, rows=count)
    where = (getattr(ImportReasonRow.c, name) == value for name, value in key.items())
    return update(ImportReasonRow).where(*where).values(rows=stored[place] + count)


def _fault_values(import_id: str, fault: RowFault) -> dict[str, object]:
    return {
        "import_id": import_id,
        "number": fault.file,
        "line": fault.line,
        "reason": fault.reason,
        "fault_column": fault.column,
    }


def _plan_text(plan: ImportPlan) -> str:
    descriptions = [d.model_dump(mode="json", by_alias=True) for d in plan.descriptions]
    document = {"descriptions": descriptions, "files": plan.files, "lookups": plan.lookups}
    return msgspec.json.encode(document).decode()


def _plan_of(text: str) -> ImportPlan:
    document = msgspec.json.decode(text)
    return ImportPlan(
        tuple(FeedDescription.model_validate(d) for d in document["descriptions"]),
        tuple(SourceFile(**file) for file in document["files"]),
        tuple(LookupFile(**file) for file in document["lookups"]),
    )


def _position_text(position: Position) -> str:
    return msgspec.json.encode(list(position)).decode()


def _pending_text(pending: Pending | None) -> str | None:
    if pending is None:
        return None
    return msgspec.json.encode([list(pending.end), sorted(pending.known)]).decode()


def _pending_of(text: str | None) -> Pending | None:
    if text is None:
        return None
    end, known = msgspec.json.decode(text)
    return Pending(Position(*end), frozenset(known))


def _import_of(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        name=row.name,
        state=row.state,
        plan=_plan_of(row.plan),
        created_at=_aware(row.created_at),
        updated_at=_aware(row.updated_at),
        staged=row.staged,
        total=row.total,
        position=Position(*msgspec.json.decode(row.position)),
        pending=_pending_of(row.pending),
        error=row.error,
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite forgets the zone
