"""Merge slot updates into the pool: `shared.features.fold.apply` for rows of many partitions.

Where that function takes `[student, ring day]` records of one ring, this one takes the pool's
`[ring day, row]`, lets each block have its own oldest day, and notes what a checkpoint must write.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.domain.pool import BLOCK, Pool
from shared.features.fold import Update, word_cells
from shared.features.slots import RING_DAYS, SLOTS

Array = NDArray[Any]
_MERGE: dict[str, np.ufunc] = {"add": np.add, "max": np.maximum, "or": np.bitwise_or}


def merge(pool: Pool, updates: Sequence[Update]) -> None:
    """Merge updates; days that have left their block's ring are left out."""
    flat = pool.days.reshape(-1)
    raw = flat.view(np.uint8)
    places: dict[tuple[int, int], tuple[Array, Array | None]] = {}
    for update in updates:
        if not len(update.rows):
            continue
        shared = id(update.rows), id(update.days)
        if shared not in places:  # the arrays live as long as their update, so ids are unique
            places[shared] = _places(pool, update.rows, update.days)
        cells, inside = places[shared]
        _merge_one(update, cells, inside, flat=flat, raw=raw)


def _places(pool: Pool, rows: Array, days: Array) -> tuple[Array, Array | None]:
    blocks = rows // BLOCK
    inside = days >= pool.oldest[blocks]
    kept = None if inside.all() else inside
    if kept is not None:
        rows, days, blocks = rows[kept], days[kept], blocks[kept]
    places = days % RING_DAYS
    pool.dirty_days.reshape(-1)[places * len(pool.owner) + blocks] = True
    return places * pool.capacity + rows, kept


def _merge_one(
    update: Update, cells: Array, inside: Array | None, *, flat: Array, raw: Array
) -> None:
    slot, words = SLOTS[update.slot], update.words
    values: Array = np.asarray(update.values)
    if inside is not None:
        values = values if values.ndim == 0 else values[inside]
        words = words if words is None else words[inside]
    if values.dtype.kind == "f":
        values = values.astype(np.int64)
    stored = np.broadcast_to(values.astype("<" + slot.dtype), cells.shape)  # modulo 2^n
    target: Array = flat[slot.name] if words is None else raw.view("<" + slot.dtype)
    if words is not None:
        cells = word_cells(slot, cells, words)
    _MERGE[slot.merge].at(target, cells, stored)
