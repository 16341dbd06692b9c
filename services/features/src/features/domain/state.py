"""One partition's own state: who is where in the pool, how far its log was read, its counts."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from features.domain.dedup import Seen
from features.domain.pool import BLOCK, Pool
from shared.features.coverage import YieldBook
from shared.features.life import half_year
from shared.features.slots import RING_DAYS, TERMS, DayArray

Ints = NDArray[np.int64]
APPLIED, LATE, DEAD, DUPLICATE = range(4)
NO_DAY = -1


@dataclass(frozen=True)
class RetiredDay:
    """A day's block that left the ring before a checkpoint could write it."""

    day: int
    block: int
    content: bytes


@dataclass(frozen=True)
class KeptBlock:
    """A block of day or life records as it was at a moment."""

    day: int
    block: int
    content: bytes


@dataclass(frozen=True)
class Remembered:
    """A moment that a checkpoint is to write: see `history`."""

    day: int
    moment: bytes
    masks: bytes
    blocks: list[KeptBlock]


@dataclass
class PartitionState:
    """State of one partition of the log; its arrays are blocks of the shared pool.

    `newest` is the newest campus day that an event, the end of a session or a tick reached; the
    ring holds it and the days before. `position` is the offset of the last record applied.
    `remembered` is the campus day of the last moment that was kept, `touched` are the (day, block)
    that checkpoints have written since, `kept` the digests of blocks as they were last kept.
    """

    number: int
    pool: Pool
    seen: Seen
    newest: int = NO_DAY
    position: int = -1
    tick_at: int | None = None
    yields: YieldBook = field(default_factory=YieldBook)
    rows: dict[str, int] = field(default_factory=dict)
    students: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    counts: dict[str, list[int]] = field(default_factory=dict)
    saved_students: int = 0
    checkpoint: int = 0
    retired: list[RetiredDay] = field(default_factory=list)
    remembered: int = NO_DAY
    touched: set[tuple[int, int]] = field(default_factory=set)
    kept: dict[tuple[int, int], bytes] = field(default_factory=dict)
    moments: list[Remembered] = field(default_factory=list)
    _local: dict[int, int] = field(default_factory=dict)

    @property
    def oldest(self) -> int:
        """The oldest campus day in the ring."""
        return self.newest - RING_DAYS + 1

    def row(self, student: str) -> int:
        """Return a student's row in the pool, a new one for a new student."""
        known = self.rows.get(student)
        return self._add(student) if known is None else known

    def rows_of(self, subjects: list[str]) -> list[int]:
        """Return the row of each subject, with new rows for new students."""
        try:
            return list(map(self.rows.__getitem__, subjects))
        except KeyError:
            return [self.row(subject) for subject in subjects]

    def all_rows(self) -> Ints:
        """Return the rows of all students, in the order of `students`."""
        count = len(self.students)
        spread = np.repeat(np.array(self.blocks, np.int64) * BLOCK, BLOCK)[:count]
        return spread + np.arange(count, dtype=np.int64) % BLOCK

    def student_at(self, row: int) -> str:
        """Return the student of a row of the pool."""
        return self.students[self._local[row // BLOCK] * BLOCK + row % BLOCK]

    def add_block(self) -> int:
        """Borrow one more block."""
        block = self.pool.take_block(self.number, self.oldest)
        self._local[block] = len(self.blocks)
        self.blocks.append(block)
        return block

    def _add(self, student: str) -> int:
        place = len(self.students)
        if place == len(self.blocks) * BLOCK:
            self.add_block()
        row = self.blocks[place // BLOCK] * BLOCK + place % BLOCK
        self.students.append(student)
        self.rows[student] = row
        self.pool.dirty_rows[row // BLOCK] = True
        return row

    def advance(self, day: int) -> None:
        """Make `day` the newest if it is newer, and empty what leaves the ring."""
        if day <= self.newest:
            return
        before, self.newest = self.newest, day
        if before != NO_DAY:
            for gone in range(max(before, day - RING_DAYS) + 1, day + 1):
                self._empty(gone % RING_DAYS, before - (before - gone) % RING_DAYS)
            self._forget_terms(before, day)
        for block in self.blocks:
            self.pool.oldest[block] = self.oldest
        self.seen.advance(day)

    def _empty(self, place: int, day: int) -> None:
        for local, block in enumerate(self.blocks):
            rows = slice(block * BLOCK, (block + 1) * BLOCK)
            if self.pool.dirty_days[place, block]:
                content = self.pool.days[place, rows].tobytes()
                self.retired.append(RetiredDay(day, local, content))
                self.pool.dirty_days[place, block] = False
            self.pool.clear(place, block)

    def _forget_terms(self, before: int, day: int) -> None:
        """Empty the half-years that no result can reach any more."""
        first, last = half_year(np.array([before, day])).tolist()
        if first == last:
            return
        for block in self.blocks:
            rows = slice(block * BLOCK, (block + 1) * BLOCK)
            terms = self.pool.rows["life"]["terms"][rows]
            old = (terms["tag"] > 0) & (terms["tag"] <= last - TERMS)
            if old.any():
                terms[old] = np.zeros((), terms.dtype)
                self.pool.dirty_rows[block] = True

    def count(self, feed: str, status: int, number: int = 1) -> None:
        """Count events of a feed: applied, late, dead or duplicate."""
        self.counts.setdefault(feed, [0, 0, 0, 0])[status] += number

    def forget(self) -> None:
        """Give all blocks back."""
        for block in self.blocks:
            self.pool.give_back(block)
        self.blocks, self.rows, self.students, self._local = [], {}, [], {}

    def days_of(self, row: int) -> DayArray:
        """Return a student's ring, oldest day first."""
        days: DayArray = self.pool.window(np.array([row]), self.newest, RING_DAYS)[0]
        return days
