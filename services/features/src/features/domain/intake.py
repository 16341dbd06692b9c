"""Apply a stretch of the log: events of several partitions, none of them past its next tick.

Everything that decides about an event is decided at its place in the log, so the same log gives the
same state, counts and refusals however it is cut into stretches.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.domain import columns
from features.domain.batch import (
    Batch,
    Chunk,
    Group,
    columns_of,
    days_reached,
    groups_of,
    moments,
)
from features.domain.campus_clock import CampusClock
from features.domain.keys import KeyMaker, Keys
from features.domain.lateness import Before, Judged, judge
from features.domain.merging import merge
from features.domain.pool import BLOCK, Pool
from features.domain.redriven import (
    MARKED,
    REFUSED,
    REVIVED,
    at_marks,
    has_redriven,
    is_noted,
    is_redriven,
    original_id,
)
from features.domain.refusal import AHEAD, BROKEN, TOO_LATE, Refusal
from features.domain.state import APPLIED, DEAD, DUPLICATE, LATE, PartitionState
from shared.features.fold import Update

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Intake:
    """Applies chunks to the pool and to their partitions' state."""

    def __init__(
        self, pool: Pool, clock: CampusClock, keys: KeyMaker, *, horizon: int, ahead_days: int
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._keys = keys
        self._horizon = horizon
        self._ahead_days = ahead_days
        self.coalesced = 0  # events of students whose change was still waiting to go out

    def apply(self, chunks: Sequence[Chunk]) -> list[Refusal]:
        """Apply chunks of different partitions; return what was refused."""
        pairs = [(chunk, has_redriven(chunk.events)) for chunk in chunks]
        refused = self._apply([chunk for chunk, is_marked in pairs if not is_marked])
        for chunk in [chunk for chunk, is_marked in pairs if is_marked]:
            for cut in at_marks(chunk.events):  # each sees what became of those before it
                refused += self._apply([chunk.part(cut)])
        return refused

    def _apply(self, chunks: Sequence[Chunk]) -> list[Refusal]:
        chunks = [chunk for chunk in chunks if chunk.events]
        if not chunks:
            return []
        batch = columns_of(chunks, self._clock)
        groups = groups_of(batch)
        reach = days_reached(batch, groups)
        judged = judge(
            batch.codes, batch.days, reach, befores=self._befores(batch, chunks),
            horizon=self._horizon,
        )  # fmt: skip
        if judged.outruns:  # then the days handed to the offline store would depend on batches
            halves = [len(chunk.events) // 2 for chunk in chunks]
            pairs = list(zip(chunks, halves, strict=True))
            first = self._apply([chunk.part(slice(half)) for chunk, half in pairs])
            return first + self._apply([chunk.part(slice(half, None)) for chunk, half in pairs])
        keys = self._keys_of(batch)
        duplicate = self._duplicates(batch, chunks, judged, keys)
        if is_redriven(batch.events[0]):
            duplicate[0] = self._is_done(batch, chunks[0].state, judged, new=not duplicate[0])
        self._settle(batch, judged, duplicate)
        for chunk, newest in zip(chunks, judged.reached.tolist(), strict=True):
            chunk.state.advance(newest)
            chunk.state.position = chunk.offsets[-1]
        self._fold(batch, groups)
        self._note(batch, chunks, judged, keys)
        _count(batch, chunks)
        return _refusals(batch, chunks)

    def _befores(self, batch: Batch, chunks: Sequence[Chunk]) -> list[Before]:
        befores = []
        for start, chunk in zip(batch.starts, chunks, strict=True):
            tick = chunk.state.tick_at
            believed = None if tick is None else self._clock.day_of(tick) + self._ahead_days
            befores.append(Before(start, chunk.state.newest, believed))
        return befores

    def _keys_of(self, batch: Batch) -> Keys:
        """Return the events' keys; a marked event (alone in its batch) has that of its original."""
        ids = [event.id for event in batch.events]
        if is_redriven(batch.events[0]):
            ids = [original_id(batch.events[0])]
        return self._keys.keys([event.source for event in batch.events], ids, batch.days)

    def _is_done(self, batch: Batch, state: PartitionState, judged: Judged, *, new: bool) -> bool:
        """Say whether a marked event, alone in its batch, was handled before or is not needed.

        `new`: nothing is known of its original. One that is known must have been refused, and no
        marked one applied since.
        """
        event, arrival = batch.events[0], int(judged.newest[0])
        key = int(self._keys_of(batch)[0])
        own = int(self._keys.keys([event.source], [event.id], batch.days)[0])
        if not state.seen.add_outlier(arrival, own ^ MARKED):
            return True
        refused = is_noted(state.seen, arrival, key ^ REFUSED)
        return not new and (not refused or is_noted(state.seen, arrival, key ^ REVIVED))

    def _note(self, batch: Batch, chunks: Sequence[Chunk], judged: Judged, keys: Keys) -> None:
        for index in np.flatnonzero((batch.status == LATE) | (batch.status == DEAD)).tolist():
            seen = chunks[int(batch.owner[index])].state.seen
            seen.add_outlier(int(judged.newest[index]), int(keys[index]) ^ REFUSED)
        if is_redriven(batch.events[0]) and batch.status[0] == APPLIED:
            chunks[0].state.seen.add_outlier(int(judged.newest[0]), int(keys[0]) ^ REVIVED)

    def _duplicates(
        self, batch: Batch, chunks: Sequence[Chunk], judged: Judged, keys: Keys
    ) -> Bools:
        duplicate = np.zeros(len(keys), np.bool_)
        near = ~judged.outlier
        for owner, day, at in _by_owner_and_day(batch.owner, batch.days, near):
            duplicate[at] = ~chunks[owner].state.seen.add_of_day(day, keys[at])
        for index in np.flatnonzero(judged.outlier).tolist():
            seen = chunks[int(batch.owner[index])].state.seen
            arrival = int(judged.newest[index])
            duplicate[index] = not seen.add_outlier(arrival, int(keys[index]))
        return duplicate

    def _settle(self, batch: Batch, judged: Judged, duplicate: Bools) -> None:
        for index in np.flatnonzero(judged.ahead & (batch.status == APPLIED)).tolist():
            batch.refuse(index, AHEAD, f"more than {self._ahead_days} days after the last tick")
        batch.status[judged.late & (batch.status == APPLIED)] = LATE
        batch.status[duplicate] = DUPLICATE

    def _fold(self, batch: Batch, groups: Sequence[Group]) -> None:
        pool, updates = self._pool, []
        everything = bool((batch.status == APPLIED).all())
        for group in groups:
            good = group if everything else group.only(batch.status == APPLIED)
            updates += _updates_of(batch, good)
            if not (batch.status[good.at] == APPLIED).all():  # the indicator code refused some
                good = good.only(batch.status == APPLIED)
            columns.apply_to_life(
                group.code,
                pool.rows["life"],
                batch.rows[good.at],
                days=batch.days[good.at],
                fields=good.fields,
            )
        merge(pool, updates)
        heard = batch.status <= LATE  # a late event still says when the student was last heard of
        rows = batch.rows[heard]
        np.maximum.at(pool.rows["last_event"], rows, batch.seconds[heard])
        pool.dirty_rows[rows // BLOCK] = True
        self.coalesced += int(np.count_nonzero(pool.changed[rows]))
        pool.changed[rows] = True


def _updates_of(batch: Batch, group: Group) -> list[Update]:
    """Fold one type; where the indicator code raises, find the event and leave it out."""
    if not len(group.at):
        return []
    fold = columns.KINDS[group.code].updates
    try:
        return fold(moments(batch, group.at), group.fields)
    except Exception as error:  # noqa: BLE001 - one event must never stop a partition
        if len(group.at) == 1:
            batch.refuse(int(group.at[0]), BROKEN, type(error).__name__)
            return []
        half = np.arange(len(group.at)) < len(group.at) // 2
        whole = np.zeros(len(batch.events), np.bool_)
        whole[group.at] = half
        first = _updates_of(batch, group.only(whole))
        whole[group.at] = ~half
        return first + _updates_of(batch, group.only(whole))


def _by_owner_and_day(owner: Ints, days: Ints, near: Bools) -> list[tuple[int, int, Ints]]:
    """Group the places of events by partition and day, in the order of the log."""
    at = np.flatnonzero(near)
    if not len(at):
        return []
    low = days[at].min()
    width = int(days[at].max() - low) + 1
    codes = owner[at] * width + (days[at] - low)
    order = np.argsort(codes, kind="stable")
    codes, at = codes[order], at[order]
    cuts = np.flatnonzero(np.diff(codes)) + 1
    firsts = codes[np.concatenate([[0], cuts])].tolist()
    return [
        (code // width, int(low) + code % width, part)
        for code, part in zip(firsts, np.split(at, cuts), strict=True)
    ]


class _Numbers(dict[str, int]):
    """Names to consecutive numbers, in the order of their first mention."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


def _count(batch: Batch, chunks: Sequence[Chunk]) -> None:
    names = _Numbers()
    feeds = np.array([names[event.feed] for event in batch.events], np.int64)
    cells = (batch.owner * len(names) + feeds) * 4 + batch.status
    totals = np.bincount(cells)
    labels = list(names)
    for cell in np.flatnonzero(totals).tolist():
        owner, feed = divmod(cell // 4, len(labels))
        chunks[owner].state.count(labels[feed], cell % 4, int(totals[cell]))


def _refusals(batch: Batch, chunks: Sequence[Chunk]) -> list[Refusal]:
    refused = []
    for index in np.flatnonzero((batch.status == LATE) | (batch.status == DEAD)).tolist():
        owner = int(batch.owner[index])
        reason, detail = batch.reasons.get(index, (TOO_LATE, "its day has left the ring"))
        offset = chunks[owner].offsets[index - batch.starts[owner]]
        state, feed = chunks[owner].state, batch.events[index].feed
        refused.append(Refusal(state.number, offset, reason, feed, detail))
    return refused
