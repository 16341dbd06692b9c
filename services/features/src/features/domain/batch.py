"""A batch of decoded events as columns, and the fields of each type in it.

An event that cannot be read is refused here, alone; what comes after is arithmetic on arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.domain import columns
from features.domain.campus_clock import EARLIEST, LATEST, CampusClock, moment_seconds, to_seconds
from features.domain.refusal import BAD_VALUE
from features.domain.state import APPLIED, DEAD, NO_DAY, PartitionState
from shared.contracts.event import EventBase
from shared.features.fold import Moments

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_UNREADABLE = (ValueError, OverflowError, KeyError, TypeError, ArithmeticError)


@dataclass(frozen=True)
class Chunk:
    """Consecutive events of one partition, and their offsets."""

    state: PartitionState
    events: Sequence[EventBase]
    offsets: Sequence[int]

    def part(self, cut: slice) -> "Chunk":
        """Return some of its events."""
        return Chunk(self.state, self.events[cut], self.offsets[cut])


@dataclass
class Batch:
    """Events of several partitions, one after the other, column by column.

    `starts` and `owner` say whose they are, `rows` is a student's row in the pool, `minutes` count
    from the start of the campus day; `reasons` tells of the refused.
    """

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
        """Leave one event out, and say why."""
        self.status[index] = DEAD
        self.reasons[index] = (reason, detail)


@dataclass(frozen=True)
class Group:
    """The events of one type: their places in the batch and their fields."""

    code: int
    at: Ints
    fields: columns.Fields

    def only(self, chosen: Bools) -> "Group":
        """Return the events that a mask over the batch chooses."""
        kept = chosen[self.at]
        return Group(self.code, self.at[kept], tuple(values[kept] for values in self.fields))


def columns_of(chunks: Sequence[Chunk], clock: CampusClock) -> Batch:
    """Return the columns of chunks; an event without a believable time is refused."""
    events: list[Any] = []
    starts, rows = [], []
    for chunk in chunks:
        starts.append(len(events))
        events.extend(chunk.events)
        rows.extend(chunk.state.rows_of([event.subject for event in chunk.events]))
    seconds, unreadable = _seconds(events)
    days, minutes = clock.days_and_minutes(seconds)
    batch = Batch(
        events=events,
        starts=starts,
        owner=np.repeat(np.arange(len(chunks)), [len(chunk.events) for chunk in chunks]),
        codes=np.fromiter(map(columns.CODES.__getitem__, map(type, events)), np.int64, len(events)),
        rows=np.array(rows, np.int64),
        seconds=seconds,
        days=days,
        minutes=minutes,
        clocked=np.array([event.timeprecision != "day" for event in events], np.bool_),
        status=np.zeros(len(events), np.int8),
        reasons={},
    )
    for index in unreadable:
        batch.days[index] = NO_DAY
        batch.refuse(index, BAD_VALUE, "time cannot be read or is outside 1990 to 2099")
    return batch


def groups_of(batch: Batch) -> list[Group]:
    """Read every type's fields; an event that cannot be read is refused, alone."""
    codes = np.flatnonzero(np.bincount(batch.codes)).tolist()
    believed = batch.status == APPLIED
    return [
        _read_group(batch, code, np.flatnonzero((batch.codes == code) & believed)) for code in codes
    ]


def days_reached(batch: Batch, groups: Sequence[Group]) -> Ints:
    """Return the last campus day that each event touches: its own, or that a session ends on."""
    for group in groups:
        if group.code == columns.NETWORK and len(group.at):
            reach = batch.days.copy()
            reach[group.at] = columns.days_reached(
                batch.days[group.at], batch.minutes[group.at], group.fields[0]
            )
            return reach
    return batch.days


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


def _read_group(batch: Batch, code: int, at: Ints) -> Group:
    kind = columns.KINDS[code]
    events = [batch.events[index] for index in at.tolist()]
    try:
        return Group(code, at, kind.fields(events))
    except _UNREADABLE:
        good = [i for i, event in enumerate(events) if _can_read(batch, kind, event, int(at[i]))]
        return Group(code, at[good], kind.fields([events[i] for i in good]))


def _can_read(batch: Batch, kind: columns.Kind, event: EventBase, index: int) -> bool:
    try:
        kind.fields([event])
    except _UNREADABLE as error:
        batch.refuse(index, BAD_VALUE, type(error).__name__)
        return False
    return True


def moments(batch: Batch, at: Ints) -> Moments:
    """Return where and when some events of a batch fell."""
    return Moments(batch.rows[at], batch.days[at], batch.minutes[at], batch.clocked[at])
