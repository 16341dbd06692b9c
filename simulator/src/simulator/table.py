"""Events as columns: one table an event type, rows in no particular order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Column = NDArray[np.generic]


@dataclass(frozen=True)
class Table:
    """Rows of one event type from one feed.

    `student` indexes the campus's students; `time` is the event's moment and `ready` the moment
    at which its source system had it, both in seconds since 1970 UTC. `fields` holds the data.
    """

    kind: str
    feed: str
    student: Ints
    time: Ints
    ready: Ints
    fields: dict[str, Column]
    day: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.student)

    def take(self, rows: "Bools | Ints") -> "Table":
        """Return the chosen rows, in the order chosen."""
        return replace(
            self,
            student=self.student[rows],
            time=self.time[rows],
            ready=self.ready[rows],
            day=self.day[rows],
            number=self.number[rows],
            fields={name: column[rows] for name, column in self.fields.items()},
        )


def table(
    kind: str,
    feed: str,
    student: Ints,
    time: Ints,
    /,
    *,
    ready: Ints | None = None,
    **fields: Column,
) -> Table:
    """Make a table; `day` and `number` are filled in when the day is put together."""
    empty = np.zeros(0, dtype=np.int64)
    return Table(
        kind=kind,
        feed=feed,
        student=student,
        time=time,
        ready=time if ready is None else ready,
        fields=fields,
        day=empty,
        number=empty,
    )


def numbered(rows: Table, day: int, first: int) -> Table:
    """Give each row the campus day it was made on and a number that no other row of it has."""
    count = len(rows)
    return replace(
        rows,
        day=np.full(count, day, dtype=np.int64),
        number=np.arange(first, first + count, dtype=np.int64),
    )


def concatenated(tables: Sequence[Table]) -> Table:
    """Join tables of one type and feed."""
    if len(tables) == 1:
        return tables[0]
    head = tables[0]
    return replace(
        head,
        student=np.concatenate([t.student for t in tables]),
        time=np.concatenate([t.time for t in tables]),
        ready=np.concatenate([t.ready for t in tables]),
        day=np.concatenate([t.day for t in tables]),
        number=np.concatenate([t.number for t in tables]),
        fields={name: np.concatenate([t.fields[name] for t in tables]) for name in head.fields},
    )
