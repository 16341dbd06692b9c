"""Checkpoints in the database: written by difference, read whole."""

import secrets as random_bytes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from features import tables
from features.domain.checkpoint import KeyChunk, Meta, Snapshot
from features.domain.state import RetiredDay
from shared.db.statements import insert_into, upsert
from shared.features.evaluate import FRAME_DAYS
from shared.features.history import LIFE_DAY
from shared.features.slots import RING_DAYS

_KEY_BYTES = 32
_read_meta = msgspec.json.Decoder(Meta).decode


@dataclass(frozen=True)
class Stored:
    """What the tables hold: students, days of the ring and the offline store, mornings kept."""

    students: int
    days: int
    mornings: int


class CheckpointRepository:
    """Reads and writes snapshots; transactions belong to the caller."""

    def __init__(self, *, keep_days: int = 400) -> None:
        self._keep_days = keep_days

    async def save(self, connection: AsyncConnection, snapshots: Sequence[Snapshot]) -> None:
        """Add what changed in each partition since its last checkpoint."""
        await _insert(connection, tables.students, _student_rows(snapshots))
        await upsert(connection, tables.days, _day_rows(snapshots))
        await upsert(connection, tables.rows, _row_rows(snapshots))
        await self._save_keys(connection, snapshots)
        await self._forget_old(connection, snapshots)
        await self._save_history(connection, snapshots)
        metas = [
            {"partition": s.partition, "meta": msgspec.json.encode(s.meta).decode()}
            for s in snapshots
        ]
        await upsert(connection, tables.partitions, metas)

    async def _save_keys(self, connection: AsyncConnection, snapshots: Sequence[Snapshot]) -> None:
        table = tables.keys
        replaced = [_key_place(s, c) for s in snapshots for c in s.keys if c.replaces]
        if replaced:
            await connection.execute(
                delete(table).where(
                    table.c.partition == bindparam("p"),
                    table.c.is_arrival == bindparam("a"),
                    table.c.day == bindparam("d"),
                ),
                replaced,
            )
        await _insert(connection, table, _key_rows(snapshots))

    async def _forget_old(self, connection: AsyncConnection, snapshots: Sequence[Snapshot]) -> None:
        keys, days = tables.keys, tables.days
        limits = [{"p": s.partition, "d": s.oldest_key_day} for s in snapshots]
        await connection.execute(
            delete(keys).where(keys.c.partition == bindparam("p"), keys.c.day < bindparam("d")),
            limits,
        )
        limits = [{"p": s.partition, "d": s.meta.newest - self._keep_days} for s in snapshots]
        await connection.execute(
            delete(days).where(days.c.partition == bindparam("p"), days.c.day < bindparam("d")),
            limits,
        )

    async def _save_history(
        self, connection: AsyncConnection, snapshots: Sequence[Snapshot]
    ) -> None:
        if not any(snapshot.moments for snapshot in snapshots):
            return
        await upsert(connection, tables.history_blocks, _history_block_rows(snapshots))
        await upsert(connection, tables.history_moments, _history_moment_rows(snapshots))
        moments, blocks, newer = (
            tables.history_moments, tables.history_blocks, tables.history_blocks.alias("newer"),
        )  # fmt: skip
        limits = [{"p": s.partition, "d": s.meta.newest - self._keep_days} for s in snapshots]
        mine, old = blocks.c.partition == bindparam("p"), blocks.c.known < bindparam("d")
        superseded = (
            select(newer.c.known)
            .where(
                newer.c.partition == blocks.c.partition,
                newer.c.day == blocks.c.day,
                newer.c.block == blocks.c.block,
                newer.c.known > blocks.c.known,
                newer.c.known <= bindparam("d"),
            )
            .exists()
        )
        gone = (blocks.c.day != LIFE_DAY) & (blocks.c.day < bindparam("d") - FRAME_DAYS)
        await connection.execute(
            delete(moments).where(
                moments.c.partition == bindparam("p"), moments.c.known < bindparam("d")
            ),
            limits,
        )
        await connection.execute(delete(blocks).where(mine, old, gone | superseded), limits)

    async def students(self, connection: AsyncConnection, partitions: Sequence[int]) -> list[int]:
        """Return how many students each partition holds, so that room is made once."""
        table = tables.students
        found = await connection.execute(
            select(table.c.partition, func.count())
            .where(table.c.partition.in_(list(partitions)))
            .group_by(table.c.partition)
        )
        return [count for _, count in found]

    async def load(self, connection: AsyncConnection, partition: int) -> Snapshot | None:
        """Return all that is needed to go on with a partition, None if it has no checkpoint."""
        meta = await self._meta(connection, partition)
        if meta is None:
            return None
        days, rows, keys, names = tables.days, tables.rows, tables.keys, tables.students
        found_days = await connection.execute(
            select(days.c.day, days.c.block, days.c.content).where(
                days.c.partition == partition, days.c.day > meta.newest - RING_DAYS
            )
        )
        found_rows = await connection.execute(
            select(rows.c.block, rows.c.content).where(rows.c.partition == partition)
        )
        found_keys = await connection.execute(
            select(keys.c.is_arrival, keys.c.day, keys.c.content).where(
                keys.c.partition == partition
            )
        )
        found_names = await connection.execute(
            select(names.c.place, names.c.student).where(names.c.partition == partition)
        )
        return Snapshot(
            partition,
            meta,
            students=[(place, student) for place, student in found_names],
            days=[RetiredDay(day, block, content) for day, block, content in found_days],
            rows=[(block, content) for block, content in found_rows],
            keys=[KeyChunk(bool(kind), day, raw) for kind, day, raw in found_keys],
        )

    async def layouts(self, connection: AsyncConnection) -> set[int]:
        """Return the layouts of the stored day slots: one, unless an upgrade stopped half way."""
        raws = await connection.scalars(select(tables.partitions.c.meta))
        return {_read_meta(raw).version for raw in raws}

    async def stored(self, connection: AsyncConnection) -> Stored:
        """Return how much `forget` would delete."""
        days, moments = tables.days.c.day, tables.history_moments.c.known
        counts = [
            await connection.scalar(select(func.count()).select_from(tables.students)),
            await connection.scalar(select(func.count(days.distinct()))),
            await connection.scalar(select(func.count(moments.distinct()))),
        ]
        return Stored(*(int(count or 0) for count in counts))

    async def forget(self, connection: AsyncConnection) -> None:
        """Delete every checkpoint, the history too, and let the log be read from its beginning.

        Epochs rise, so that an owner who is still running is refused when it saves.
        """
        for table in (
            tables.partitions, tables.students, tables.days, tables.rows, tables.keys,
            tables.history_moments, tables.history_blocks,
        ):  # fmt: skip
            await connection.execute(delete(table))
        marks = tables.bookmarks
        await connection.execute(update(marks).values(next_offset=0, epoch=marks.c.epoch + 1))

    async def _meta(self, connection: AsyncConnection, partition: int) -> Meta | None:
        table = tables.partitions
        raw = await connection.scalar(select(table.c.meta).where(table.c.partition == partition))
        return None if raw is None else _read_meta(raw)

    async def secret(self, connection: AsyncConnection, name: str) -> bytes:
        """Return a random secret that is made once and kept with the keys that depend on it."""
        table = tables.secrets
        made = {"name": name, "secret": random_bytes.token_bytes(_KEY_BYTES)}
        await connection.execute(insert_into(connection, table).on_conflict_do_nothing(), [made])
        kept = await connection.scalar(select(table.c.secret).where(table.c.name == name))
        return bytes(kept or b"")


def _student_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {"partition": s.partition, "place": place, "student": student}
        for s in snapshots
        for place, student in s.students
    ]


def _day_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {"partition": s.partition, "day": d.day, "block": d.block, "content": d.content}
        for s in snapshots
        for d in s.days
    ]


def _row_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {"partition": s.partition, "block": block, "content": content}
        for s in snapshots
        for block, content in s.rows
    ]


def _history_block_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {
            "partition": s.partition,
            "day": b.day,
            "block": b.block,
            "known": m.day,
            "content": b.content,
        }
        for s in snapshots
        for m in s.moments
        for b in m.blocks
    ]


def _history_moment_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {"partition": s.partition, "known": m.day, "moment": m.moment, "masks": m.masks}
        for s in snapshots
        for m in s.moments
    ]


def _key_place(snapshot: Snapshot, chunk: KeyChunk) -> dict[str, Any]:
    return {"p": snapshot.partition, "a": chunk.is_arrival, "d": chunk.day}


def _key_rows(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    return [
        {
            "partition": s.partition,
            "is_arrival": chunk.is_arrival,
            "day": chunk.day,
            "checkpoint": s.meta.checkpoint,
            "content": chunk.keys,
        }
        for s in snapshots
        for chunk in s.keys
    ]


async def _insert(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)
