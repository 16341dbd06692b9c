"""What stands on both sides, in the rows learned from and in those judged: ids, groups, rows."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.report.fitting import Checks
from training.settling import LeakError
from training.table.reading import EMPTY, Table
from training.table.schema import Schema

Array = NDArray[Any]
BLOCK = 65_536
_MOST = 0.5
_NOTHING = np.uint64(0)
_MIX, _STEP = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(33)


def refuse_shared_ids(
    table: Table, valid: Table, schema: Schema, allowed: Collection[str]
) -> Checks:
    """Compare both sides and return what was counted; equal rows are never refused.

    Where ids count the rows of either file they name no row of the other, unless rows are copies.

    Raises:
        LeakError: an id is on both sides, and the column of ids is not allowed.
    """
    checks = compared(table, valid)
    name = schema.roles.id
    if checks.ids_on_both_sides and name not in allowed:
        first = int(np.flatnonzero(_also_in(valid.ids, table.ids))[0]) + 1
        raise LeakError(
            f"{name!r}: {checks.ids_on_both_sides} rows of --valid (the first is row {first}) have "
            "an id that is in --table too, so they would be judged by what was learned from them; "
            f"split anew, or give --allow {name} where equal ids are different rows"
        )
    return checks


def compared(table: Table, valid: Table) -> Checks:
    """Count what is on both sides."""
    groups = 0
    if table.groups is not None and valid.groups is not None:
        groups = len(np.intersect1d(table.groups, valid.groups))
    known, found = fingerprints(table), fingerprints(valid)
    shared = _also_in(valid.ids, table.ids)
    if table.ids_are_lines and valid.ids_are_lines and not _are_copies(found, known):
        shared = np.zeros(0, dtype=np.bool_)
    return Checks(
        ids_on_both_sides=int(shared.sum()),
        groups_on_both_sides=groups,
        equal_rows=int(np.isin(found, np.unique(known[known != _NOTHING])).sum()),
        strange_cells=valid.strange,
    )


def _also_in(some: Array | None, others: Array | None) -> Array:
    if some is None or others is None:
        return np.zeros(0, dtype=np.bool_)
    return np.isin(some, others)


def _are_copies(some: Array, others: Array) -> bool:
    """Say whether most rows are those of the same place in another file, more than by chance."""
    size = min(len(some), len(others) - 1)
    same, beside = some[:size] == others[:size], some[:size] == others[1 : size + 1]
    return size > 0 and float(same.mean()) > _MOST >= float(beside.mean())


def fingerprints(table: Table) -> Array:
    """Return 64 bits a row that are equal where all inputs are; 0 where every input is missing.

    Made a block of rows at a time, so that a table on disk stays there.
    """
    absent = [{EMPTY, *([levels.index("")] if "" in levels else [])} for levels in table.levels]
    found = np.empty(len(table), dtype=np.uint64)
    for start in range(0, len(table), BLOCK):
        rows = slice(start, start + BLOCK)
        numbers = np.asarray(table.numbers[rows]) + 0.0  # -0 is 0
        gaps = np.isnan(numbers)
        numbers[gaps] = np.nan  # one of the many
        codes = np.asarray(table.codes[rows])
        empty = gaps.all(axis=1)
        for column, none in zip(codes.T, absent, strict=True):
            empty &= np.isin(column, list(none))
        cells = np.hstack([numbers.view(np.uint64), codes.astype(np.int64).view(np.uint64)])
        found[rows] = np.where(empty, _NOTHING, _mixed(cells))
    return found


def _mixed(cells: Array) -> Array:
    """Fold the columns into one number a row; never that of nothing."""
    state = np.full(len(cells), _STEP)
    for column in cells.T:
        state = (state ^ column) * _MIX
        state = (state ^ (state >> _SHIFT)) + _STEP
    return np.maximum(state, np.uint64(1))
