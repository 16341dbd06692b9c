"""What is delivered within one campus day, as columns, and the order in which it comes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.encode import EventEncoder
from simulator.table import Bools, Ints, Table, concatenated

CHUNK = 20_000


@dataclass(frozen=True)
class Chunk:
    """Consecutive deliveries: who, when (epoch seconds), by which feed, and the encoded event."""

    student: Ints
    delivered: Ints
    feed: list[str]
    payload: list[bytes]

    def __len__(self) -> int:
        return len(self.payload)


@dataclass(frozen=True)
class DayEvents:
    """The deliveries of campus day `number`; a table's `ready` is the moment of delivery."""

    number: int
    date: date
    tables: tuple[Table, ...]

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.tables)

    def of(self, kind: str) -> Table | None:
        """Return the rows of one event type (of its first feed), if there are any."""
        return next((rows for rows in self.tables if rows.kind == kind), None)

    def where(self, chosen: Callable[[Table], Bools]) -> "DayEvents":
        """Return the deliveries for which `chosen` says yes."""
        tables = tuple(rows.take(chosen(rows)) for rows in self.tables)
        return DayEvents(self.number, self.date, tuple(rows for rows in tables if len(rows)))

    def order(self) -> tuple[Ints, Ints, Ints]:
        """Return (table, row, delivered) of every event in order of delivery."""
        if not self.tables:
            none = np.zeros(0, dtype=np.int64)
            return none, none, none
        sizes = [len(rows) for rows in self.tables]
        table = np.repeat(np.arange(len(sizes)), sizes)
        row = np.concatenate([np.arange(size) for size in sizes])
        delivered = np.concatenate([rows.ready for rows in self.tables])
        order = np.argsort(delivered, kind="stable")
        return table[order], row[order], delivered[order]

    def chunks(self, encoder: EventEncoder, size: int = CHUNK) -> Iterator[Chunk]:
        """Encode in order of delivery, `size` events at a time."""
        table, row, delivered = self.order()
        for start in range(0, len(table), size):
            part = slice(start, start + size)
            yield self._chunk(encoder, table[part], row[part], delivered[part])

    def _chunk(self, encoder: EventEncoder, table: Ints, row: Ints, delivered: Ints) -> Chunk:
        payload: list[bytes] = [b""] * len(table)
        feed: list[str] = [""] * len(table)
        student = np.zeros(len(table), dtype=np.int64)
        for index in np.unique(table).tolist():
            places = np.flatnonzero(table == index)
            rows = self.tables[index].take(row[places])
            student[places] = rows.student
            for place, event in zip(places.tolist(), encoder.encode(rows), strict=True):
                payload[place] = event
                feed[place] = rows.feed
        return Chunk(student, delivered, feed, payload)


def gathered(number: int, day: date, tables: Sequence[Table]) -> DayEvents:
    """Join tables of the same type and feed into one `DayEvents`, in a fixed order."""
    groups: dict[tuple[str, str], list[Table]] = {}
    for rows in tables:
        if len(rows):
            groups.setdefault((rows.feed, rows.kind), []).append(rows)
    return DayEvents(number, day, tuple(concatenated(groups[key]) for key in sorted(groups)))
