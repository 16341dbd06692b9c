"""Apply a stretch of the log: events of several partitions, none of them past its next tick.

Everything that decides about an event is decided at its place in the log, so the same log gives the
same state, counts and refusals however it is cut into stretches.

A refused event stays known by its key, so that its repeats (a resend after a crash) are duplicates
and not refused twice: accepted = applied + late + dead. A dead letter that is driven again comes
with a mark at its id (`x#redrive-1`). It is applied unless `x` itself was, or a marked `x`: a
refused event leaves a second key that says so, an applied marked one a third.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.domain import columns
from features.domain.campus_clock import EARLIEST, LATEST, CampusClock, moment_seconds, to_seconds
from features.domain.keys import KeyMaker, Keys
from features.domain.lateness import Before, Judged, judge
from features.domain.merging import merge
from features.domain.pool import BLOCK, Pool
from features.domain.state import APPLIED, DEAD, DUPLICATE, LATE, NO_DAY, PartitionState
from shared.contracts.event import EventBase
from shared.features.fold import Moments, Update
from shared.features.slots import DAY_MINUTES

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_FOUR_HOURS = 240
_MARK = re.compile(r"(?:#redrive-\d{1,9})+\Z", re.ASCII)
_REFUSED, _REVIVED, _MARKED = (number << 40 | 0x5EED for number in (1, 2, 3))
TOO_LATE, AHEAD, BAD_VALUE, BROKEN = "too_late", "ahead_of_time", "bad_value", "indicator_failed"


@dataclass(frozen=True)
class Chunk:
    """Consecutive events of one partition, and their offsets."""

    state: PartitionState
    events: Sequence[EventBase]
    offsets: Sequence[int]


@dataclass(frozen=True)
class Refusal:
    """A record that is not applied, and why."""

    partition: int
    offset: int
    reason: str
    feed: str = ""
    detail: str = ""


@dataclass
class _Batch:
    events: list[Any]
    starts: list[int]
    owner: Ints
    codes: Ints
    rows: Ints
    seconds: Ints
    days: Ints
    minutes: Ints
    clocked: Bools
    status: NDArray[np.int8]
    reasons: dict[int, tuple[str, str]]

    def refuse(self, index: int, reason: str, detail: str) -> None:
        self.status[index] = DEAD
        self.reasons[index] = (reason, detail)


@dataclass(frozen=True)
class _Group:
    """The events of one type: their places in the batch and their fields."""

    code: int
    at: Ints
    fields: columns.Fields


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
        marked = [any(map(is_redriven, chunk.events)) for chunk in chunks]
        pairs = list(zip(chunks, marked, strict=True))
        refused = self._apply([chunk for chunk, is_marked in pairs if not is_marked])
        for chunk in [chunk for chunk, is_marked in pairs if is_marked]:
            for piece in _at_marks(chunk):  # each sees what became of those before it
                refused += self._apply([piece])
        return refused

    def _apply(self, chunks: Sequence[Chunk]) -> list[Refusal]:
        chunks = [chunk for chunk in chunks if chunk.events]
        if not chunks:
            return []
        batch = self._columns(chunks)
        groups, reach = self._read(batch)
        judged = judge(
            batch.codes, batch.days, reach, befores=self._befores(batch, chunks),
            horizon=self._horizon,
        )  # fmt: skip
        if judged.outruns:  # then the days handed to the offline store would depend on batches
            halves = [_halves(chunk) for chunk in chunks]
            first = self._apply([half for half, _ in halves])
            return first + self._apply([half for _, half in halves])
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

    def _columns(self, chunks: Sequence[Chunk]) -> _Batch:
        events: list[Any] = []
        starts, rows = [], []
        for chunk in chunks:
            starts.append(len(events))
            events.extend(chunk.events)
            rows.extend(chunk.state.rows_of([event.subject for event in chunk.events]))
        lengths = [len(chunk.events) for chunk in chunks]
        seconds, unreadable = _seconds(events)
        days, clock_minutes = self._clock.days_and_minutes(seconds)
        batch = _Batch(
            events=events,
            starts=starts,
            owner=np.repeat(np.arange(len(chunks)), lengths),
            codes=np.array([columns.CODES[event.__class__] for event in events], np.int64),
            rows=np.array(rows, np.int64),
            seconds=seconds,
            days=days,
            minutes=(clock_minutes - _FOUR_HOURS) % DAY_MINUTES,
            clocked=np.array([event.timeprecision != "day" for event in events], np.bool_),
            status=np.zeros(len(events), np.int8),
            reasons={},
        )
        for index in unreadable:
            batch.days[index] = NO_DAY
            batch.refuse(index, BAD_VALUE, "time cannot be read or is outside 1990 to 2099")
        return batch

    def _read(self, batch: _Batch) -> tuple[list[_Group], Ints]:
        """Read every type's fields; an event that cannot be read is refused, alone."""
        groups = []
        reach = batch.days
        for code in np.flatnonzero(np.bincount(batch.codes)).tolist():
            at = np.flatnonzero((batch.codes == code) & (batch.status == APPLIED))
            group = _read_group(batch, code, at)
            groups.append(group)
            if code == columns.NETWORK and len(group.at):
                reach = reach.copy()
                reach[group.at] = columns.days_reached(
                    batch.days[group.at], batch.minutes[group.at], group.fields[0]
                )
        return groups, reach

    def _befores(self, batch: _Batch, chunks: Sequence[Chunk]) -> list[Before]:
        befores = []
        for start, chunk in zip(batch.starts, chunks, strict=True):
            tick = chunk.state.tick_at
            believed = None if tick is None else self._clock.day_of(tick) + self._ahead_days
            befores.append(Before(start, chunk.state.newest, believed))
        return befores

    def _keys_of(self, batch: _Batch) -> Keys:
        """Return the events' keys; a marked event (alone in its batch) has that of its original."""
        ids = [event.id for event in batch.events]
        if is_redriven(batch.events[0]):
            ids = [_MARK.sub("", ids[0])]
        return self._keys.keys([event.source for event in batch.events], ids, batch.days)

    def _is_done(self, batch: _Batch, state: PartitionState, judged: Judged, *, new: bool) -> bool:
        """Say whether a marked event, alone in its batch, was handled before or is not needed.

        `new`: nothing is known of its original. One that is known must have been refused, and no
        marked one applied since.
        """
        event, arrival = batch.events[0], int(judged.newest[0])
        key = int(self._keys_of(batch)[0])
        own = int(self._keys.keys([event.source], [event.id], batch.days)[0])
        if not state.seen.add_outlier(arrival, own ^ _MARKED):
            return True
        refused = _is_noted(state, arrival, key ^ _REFUSED)
        return not new and (not refused or _is_noted(state, arrival, key ^ _REVIVED))

    def _note(self, batch: _Batch, chunks: Sequence[Chunk], judged: Judged, keys: Keys) -> None:
        for index in np.flatnonzero((batch.status == LATE) | (batch.status == DEAD)).tolist():
            seen = chunks[int(batch.owner[index])].state.seen
            seen.add_outlier(int(judged.newest[index]), int(keys[index]) ^ _REFUSED)
        if is_redriven(batch.events[0]) and batch.status[0] == APPLIED:
            chunks[0].state.seen.add_outlier(int(judged.newest[0]), int(keys[0]) ^ _REVIVED)

    def _duplicates(
        self, batch: _Batch, chunks: Sequence[Chunk], judged: Judged, keys: Keys
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

    def _settle(self, batch: _Batch, judged: Judged, duplicate: Bools) -> None:
        for index in np.flatnonzero(judged.ahead & (batch.status == APPLIED)).tolist():
            batch.refuse(index, AHEAD, f"more than {self._ahead_days} days after the last tick")
        batch.status[judged.late & (batch.status == APPLIED)] = LATE
        batch.status[duplicate] = DUPLICATE

    def _fold(self, batch: _Batch, groups: Sequence[_Group]) -> None:
        pool, updates = self._pool, []
        everything = bool((batch.status == APPLIED).all())
        for group in groups:
            good = group if everything else _only(group, batch.status == APPLIED)
            updates += _updates_of(batch, good)
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


def is_redriven(event: EventBase) -> bool:
    """Return whether ingest published an event again that was refused here."""
    return "#redrive-" in event.id and _MARK.search(event.id) is not None


def _at_marks(chunk: Chunk) -> list[Chunk]:
    """Cut a chunk so that each marked event stands alone."""
    cuts = {0, len(chunk.events)}
    for place, event in enumerate(chunk.events):
        if is_redriven(event):
            cuts |= {place, place + 1}
    return [
        Chunk(chunk.state, chunk.events[low:high], chunk.offsets[low:high])
        for low, high in pairwise(sorted(cuts))
    ]


def _is_noted(state: PartitionState, arrival: int, key: int) -> bool:
    recent = range(arrival - state.seen.horizon, arrival + 1)
    return any(key in keys for day, keys in state.seen.by_arrival.items() if day in recent)


def _halves(chunk: Chunk) -> tuple[Chunk, Chunk]:
    middle = len(chunk.events) // 2
    return (
        Chunk(chunk.state, chunk.events[:middle], chunk.offsets[:middle]),
        Chunk(chunk.state, chunk.events[middle:], chunk.offsets[middle:]),
    )


def _seconds(events: Sequence[Any]) -> tuple[Ints, list[int]]:
    """Return the seconds of all events, and which of them have no believable time."""
    times = [event.time for event in events]
    try:
        seconds = to_seconds(times)
    except (ValueError, OverflowError):
        return _seconds_one_by_one(times)
    strange = np.flatnonzero((seconds < EARLIEST) | (seconds >= LATEST))
    seconds[strange] = 0
    return seconds, strange.tolist()


def _seconds_one_by_one(times: Sequence[str]) -> tuple[Ints, list[int]]:
    seconds, bad = np.zeros(len(times), np.int64), []
    for index, text in enumerate(times):
        try:
            seconds[index] = moment_seconds(text)
        except (ValueError, OverflowError):
            bad.append(index)
    return seconds, bad


def _read_group(batch: _Batch, code: int, at: Ints) -> _Group:
    kind = columns.KINDS[code]
    events = [batch.events[index] for index in at.tolist()]
    try:
        return _Group(code, at, kind.fields(events))
    except (ValueError, OverflowError, KeyError, TypeError, ArithmeticError):
        good = [i for i, event in enumerate(events) if _can_read(batch, kind, event, int(at[i]))]
        return _Group(code, at[good], kind.fields([events[i] for i in good]))


def _can_read(batch: _Batch, kind: columns.Kind, event: EventBase, index: int) -> bool:
    try:
        kind.fields([event])
    except (ValueError, OverflowError, KeyError, TypeError, ArithmeticError) as error:
        batch.refuse(index, BAD_VALUE, type(error).__name__)
        return False
    return True


def _only(group: _Group, chosen: Bools) -> _Group:
    kept = chosen[group.at]
    return _Group(group.code, group.at[kept], tuple(values[kept] for values in group.fields))


def _updates_of(batch: _Batch, group: _Group) -> list[Update]:
    """Fold one type; where the indicator code raises, find the event and leave it out."""
    if not len(group.at):
        return []
    fold = columns.KINDS[group.code].updates
    try:
        return fold(_moments(batch, group.at), group.fields)
    except Exception as error:  # noqa: BLE001 - one event must never stop a partition
        if len(group.at) == 1:
            batch.refuse(int(group.at[0]), BROKEN, type(error).__name__)
            return []
        half = np.arange(len(group.at)) < len(group.at) // 2
        whole = np.zeros(len(batch.events), np.bool_)
        whole[group.at] = half
        first = _updates_of(batch, _only(group, whole))
        whole[group.at] = ~half
        return first + _updates_of(batch, _only(group, whole))


def _moments(batch: _Batch, at: Ints) -> Moments:
    return Moments(batch.rows[at], batch.days[at], batch.minutes[at], batch.clocked[at])


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


def _count(batch: _Batch, chunks: Sequence[Chunk]) -> None:
    names: dict[str, int] = {}
    feeds = np.array([names.setdefault(event.feed, len(names)) for event in batch.events], np.int64)
    cells = (batch.owner * len(names) + feeds) * 4 + batch.status
    totals = np.bincount(cells)
    labels = list(names)
    for cell in np.flatnonzero(totals).tolist():
        owner, feed = divmod(cell // 4, len(labels))
        chunks[owner].state.count(labels[feed], cell % 4, int(totals[cell]))


def _refusals(batch: _Batch, chunks: Sequence[Chunk]) -> list[Refusal]:
    refused = []
    for index in np.flatnonzero((batch.status == LATE) | (batch.status == DEAD)).tolist():
        owner = int(batch.owner[index])
        reason, detail = batch.reasons.get(index, (TOO_LATE, "its day has left the ring"))
        offset = chunks[owner].offsets[index - batch.starts[owner]]
        state, feed = chunks[owner].state, batch.events[index].feed
        refused.append(Refusal(state.number, offset, reason, feed, detail))
    return refused
