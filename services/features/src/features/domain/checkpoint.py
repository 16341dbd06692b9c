"""What a checkpoint of one partition holds: what changed since the last one, as plain values.

Days are kept by absolute campus day and block of 256 students, never by ring place, so that the
same rows are the offline store: training reads them through the same indicator code. A full
snapshot (everything that was ever saved) has the same shape and is what `restore` takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.domain.pool import BLOCK, ROW, blocks_for
from features.domain.state import NO_DAY, PartitionState, Remembered, RetiredDay
from shared.features.coverage import YieldBook
from shared.features.slots import DAY, LAYOUT_VERSION, RING_DAYS

_WORDS = BLOCK * DAY.itemsize // 8


@dataclass(frozen=True)
class Meta:
    """A partition's own values; `version` is the layout of the blobs beside it."""

    newest: int
    position: int
    tick_at: int | None
    yields: dict[str, Any]
    counts: dict[str, list[int]]
    checkpoint: int = 0
    version: int = LAYOUT_VERSION
    remembered: int = NO_DAY
    touched: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class KeyChunk:
    """Keys of one event day, or (`is_arrival`) of outliers that arrived on one day."""

    is_arrival: bool
    day: int
    keys: bytes
    replaces: bool = False


@dataclass(frozen=True)
class Snapshot:
    """One partition's part of a checkpoint."""

    partition: int
    meta: Meta
    students: Sequence[tuple[int, str]] = ()
    days: Sequence[RetiredDay] = ()
    rows: Sequence[tuple[int, bytes]] = ()
    keys: Sequence[KeyChunk] = field(default_factory=tuple)
    oldest_key_day: int = NO_DAY
    moments: Sequence[Remembered] = ()


def take(state: PartitionState) -> Snapshot:
    """Return what changed since the last checkpoint; it counts as saved from now on.

    A checkpoint that fails ends the tenure of its partitions, so nothing has to be taken back.
    """
    state.checkpoint += 1
    students = list(enumerate(state.students[state.saved_students :], state.saved_students))
    state.saved_students = len(state.students)
    days, state.retired = [*state.retired, *_dirty_days(state)], []
    keys = [
        KeyChunk(is_arrival, day, raw, replaces)
        for (is_arrival, day), (raw, replaces) in sorted(state.seen.take_unsaved().items())
    ]
    meta = Meta(
        newest=state.newest,
        position=state.position,
        tick_at=state.tick_at,
        yields=state.yields.dump(),
        counts={feed: list(counts) for feed, counts in sorted(state.counts.items())},
        checkpoint=state.checkpoint,
        remembered=state.remembered,
        touched=sorted(state.touched),
    )
    moments, state.moments = state.moments, []
    oldest = state.newest - state.seen.horizon if state.newest != NO_DAY else NO_DAY
    return Snapshot(state.number, meta, students, days, _dirty_rows(state), keys, oldest, moments)


def _dirty_days(state: PartitionState) -> list[RetiredDay]:
    pool, found = state.pool, []
    blocks = np.array(state.blocks, np.int64)
    for place, local in zip(*np.nonzero(pool.dirty_days[:, blocks]), strict=True):
        day = state.newest - (state.newest - int(place)) % RING_DAYS
        rows = _span(state.blocks[int(local)])
        found.append(RetiredDay(day, int(local), pool.days[place, rows].tobytes()))
        state.touched.add((day, int(local)))
    pool.dirty_days[:, blocks] = False
    return found


def _dirty_rows(state: PartitionState) -> list[tuple[int, bytes]]:
    pool, found = state.pool, []
    for local, block in enumerate(state.blocks):
        if pool.dirty_rows[block]:
            found.append((local, pool.rows[_span(block)].tobytes()))
            pool.dirty_rows[block] = False
    return found


def restore(state: PartitionState, saved: Snapshot) -> None:
    """Fill an empty partition from a full snapshot; every student is then to be evaluated anew."""
    meta, pool = saved.meta, state.pool
    if meta.version != LAYOUT_VERSION:
        raise ValueError(
            f"the stored day slots have layout {meta.version}, this version reads {LAYOUT_VERSION}"
        )
    state.newest, state.position, state.tick_at = meta.newest, meta.position, meta.tick_at
    state.yields = YieldBook.restore(meta.yields)
    state.counts = {feed: list(counts) for feed, counts in meta.counts.items()}
    state.checkpoint = meta.checkpoint
    state.students = [student for _, student in sorted(saved.students)]
    state.saved_students = len(state.students)
    blocks = blocks_for(len(state.students))
    for _ in range(blocks):
        state.add_block()
    state.rows = dict(zip(state.students, state.all_rows().tolist(), strict=True))
    for local, raw in saved.rows:
        pool.rows[_span(state.blocks[local])] = np.frombuffer(raw, ROW)
    _restore_days(state, saved.days)
    state.remembered = meta.remembered
    never = meta.remembered == NO_DAY
    known = {(one.day, one.block) for one in saved.days} if never else set(meta.touched)
    state.touched = known
    pool.changed[state.all_rows()] = True
    state.seen.load(saved.keys)


def _restore_days(state: PartitionState, days: Sequence[RetiredDay]) -> None:
    pool = state.pool
    words = pool.days.view(np.uint64).reshape(RING_DAYS, -1, _WORDS)
    for one in days:
        if state.oldest <= one.day <= state.newest and one.block < len(state.blocks):
            used = min(len(state.students) - one.block * BLOCK, BLOCK) * DAY.itemsize // 8
            block = words[one.day % RING_DAYS, state.blocks[one.block]]
            block[:used] = np.frombuffer(one.content, "<u8", used)


def _span(block: int) -> slice:
    return slice(block * BLOCK, (block + 1) * BLOCK)
