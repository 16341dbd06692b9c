"""Folds: a group stays together, the labels are spread evenly, time is cut into blocks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.table.reading import Table

Array = NDArray[Any]
BLOCKS_A_FOLD = 4


def fold_of(table: Table, count: int, seed: int) -> Array:
    """Return the fold `[n]` of each row.

    With groups, a group is in one fold. With times, rows of one block of time are in one fold and
    blocks take turns; a group then goes where its first row goes.
    """
    if table.times is not None:
        return _by_time(table.times, table.groups, count)
    if table.groups is not None:
        return _by_group(table.groups, table.label, count, seed)
    return _stratified(table.label, count, seed)


def _stratified(label: Array, count: int, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    fold = np.empty(len(label), dtype=np.int8)
    for value in (0.0, 1.0):
        rows = rng.permutation(np.flatnonzero(label == value))
        fold[rows] = (np.arange(len(rows)) + int(value) * (count // 2)) % count
    return fold


def _by_group(groups: Array, label: Array, count: int, seed: int) -> Array:
    """Deal the groups out as rows are: those with a positive row apart from those without."""
    _, member = np.unique(groups, return_inverse=True)
    positive = np.zeros(member.max() + 1)
    np.maximum.at(positive, member, label)
    found: Array = np.asarray(_stratified(positive, count, seed)[member])
    return found


def _by_time(times: Array, groups: Array | None, count: int) -> Array:
    order = np.argsort(times, kind="stable")
    ordered = np.empty(len(times))
    ordered[order] = np.arange(len(times))
    _, same = np.unique(times, return_inverse=True)
    first = np.full(same.max() + 1, np.inf)
    np.minimum.at(first, same, ordered)  # equal times are not parted
    place = first[same]
    if groups is not None:
        _, member = np.unique(groups, return_inverse=True)
        earliest = np.full(member.max() + 1, np.inf)
        np.minimum.at(earliest, member, place)
        place = earliest[member]
    blocks = count * BLOCKS_A_FOLD
    block = np.minimum(place * blocks // len(times), blocks - 1).astype(np.int64)
    return np.asarray(block % count, dtype=np.int8)
