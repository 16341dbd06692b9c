"""The arrays that hold every student of this process: one row a student, in blocks of 256 rows.

Day records are kept `[ring day, row]`, so that the events of one day fall into one stretch of
memory however many students and days there are. A block belongs to one partition; what a
checkpoint must write is known by (ring day, block). Memory is taken from the system only as rows
and days are first written.
"""

import mmap
import sys

import numpy as np
from numpy.typing import NDArray

from shared.features.slots import DAY, LIFE, RING_DAYS, DayArray

BLOCK = 256
_FIRST_BLOCKS = 4
_WORDS = DAY.itemsize // 8
_RESERVED = 1 << 18  # rows: address space only
RING_BYTES = RING_DAYS * DAY.itemsize  # of one student
NEVER = np.iinfo(np.int64).min
ROW = np.dtype(
    [
        ("life", LIFE),
        ("last_event", "<i8"),  # seconds since 1970 of the latest event, NEVER without one
        ("published", "<u8"),  # digest of the last vector published, 0 without one
    ]
)
Ints = NDArray[np.int64]


_NO_RESERVE = 0x4000 if sys.platform == "linux" else 0  # named by Python from 3.13 on
_LAZY = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE


def blocks_for(rows: int) -> int:
    """Return how many blocks hold so many rows."""
    return -(-rows // BLOCK)


class Pool:
    """Rows of all partitions of one process; rows are global numbers, blocks are lent out."""

    def __init__(self, blocks: int = _FIRST_BLOCKS, *, reserved: int = _RESERVED) -> None:
        self.days = _untouched_days(max(blocks * BLOCK, reserved))
        self.rows: DayArray = _empty_rows(blocks * BLOCK)
        self.dirty_days = np.zeros((RING_DAYS, blocks), np.bool_)
        self.dirty_rows = np.zeros(blocks, np.bool_)
        self.changed = np.zeros(blocks * BLOCK, np.bool_)  # since it was last evaluated
        self.active = np.ones(blocks * BLOCK, np.bool_)  # False once directory says: left
        self.masks = np.zeros(blocks * BLOCK, np.int32)  # see `facts.FactBook`
        self.owner = np.full(blocks, -1, np.int64)
        self.oldest = np.zeros(blocks, np.int64)

    @property
    def capacity(self) -> int:
        """Rows for which there is address space."""
        return int(self.days.shape[1])

    def take_block(self, owner: int, oldest: int) -> int:
        """Lend one empty block; returns its number (its rows begin at number x BLOCK)."""
        free = np.flatnonzero(self.owner < 0)
        if not len(free):
            self.grow(2 * len(self.owner))
            free = np.flatnonzero(self.owner < 0)
        block = int(free[0])
        self.owner[block] = owner
        self.oldest[block] = oldest
        return block

    def reserve(self, blocks: int) -> None:
        """Make sure that so many blocks are free."""
        missing = blocks - int(np.count_nonzero(self.owner < 0))
        if missing > 0:
            self.grow(len(self.owner) + missing)

    def clear(self, place: int, block: int) -> None:
        """Empty one day of a block; what was never written stays untouched memory."""
        first = block * BLOCK
        words = self.days[place, first : first + BLOCK].view(np.uint64)
        if words.any():
            words[:] = 0

    def give_back(self, block: int) -> None:
        """Empty a block and make it free."""
        rows = slice(block * BLOCK, (block + 1) * BLOCK)
        for place in range(RING_DAYS):
            self.clear(place, block)
        self.rows[rows] = _empty_rows(1)
        self.dirty_days[:, block] = False
        self.dirty_rows[block] = False
        self.changed[rows] = False
        self.active[rows] = True
        self.masks[rows] = 0
        self.owner[block] = -1

    def grow(self, blocks: int) -> None:
        """Make room for `blocks` in all; rows keep their numbers."""
        old, more = len(self.owner), blocks - len(self.owner)
        if more <= 0:
            return
        if blocks * BLOCK > self.capacity:
            days = _untouched_days(2 * blocks * BLOCK)
            days[:, : old * BLOCK] = self.days[:, : old * BLOCK]
            self.days = days
        self.rows = np.concatenate([self.rows, _empty_rows(more * BLOCK)])
        self.dirty_days = np.pad(self.dirty_days, ((0, 0), (0, more)))
        self.dirty_rows = np.pad(self.dirty_rows, (0, more))
        self.changed = np.pad(self.changed, (0, more * BLOCK))
        self.active = np.pad(self.active, (0, more * BLOCK), constant_values=True)
        self.masks = np.pad(self.masks, (0, more * BLOCK))
        self.owner = np.pad(self.owner, (0, more), constant_values=-1)
        self.oldest = np.pad(self.oldest, (0, more))

    def window(self, rows: Ints, last_day: int, days: int) -> DayArray:
        """Return `[rows, days]` day records, oldest first, of the days up to `last_day`."""
        places = np.arange(last_day - days + 1, last_day + 1) % RING_DAYS
        words = self.days.view(np.uint64).reshape(RING_DAYS, self.capacity, _WORDS)
        out = np.empty((days, len(rows), _WORDS), np.uint64)
        for column, place in enumerate(places.tolist()):
            np.take(words[place], rows, axis=0, out=out[column], mode="clip")
        records: DayArray = out.view(DAY)[..., 0].T
        return records


def _untouched_days(rows: int) -> DayArray:
    """Return empty days that take memory page by page as they are written, never in huge pages.

    So a pool has room for a quarter of a million students from the start, and growing copies
    nothing. Where the system refuses so much address space, numpy's own zeros are asked.
    """
    shape = (RING_DAYS, rows)
    try:
        space = mmap.mmap(-1, RING_DAYS * rows * DAY.itemsize, flags=_LAZY)
    except OSError:
        return np.zeros(shape, DAY)
    days: DayArray = np.frombuffer(space, DAY).reshape(shape)
    return days


def _empty_rows(count: int) -> DayArray:
    rows = np.zeros(count, ROW)
    rows["last_event"] = NEVER
    return rows
