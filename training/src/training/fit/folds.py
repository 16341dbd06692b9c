"""Folds: who learns from a row and who answers for it; groups stay together, time runs forward."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.table.parsing import TableError
from training.table.reading import Table

Array = NDArray[Any]
NOBODY = -1
FEWEST_ROWS, FEWEST_OF_A_LABEL = 20, 5


@dataclass(frozen=True)
class Folds:
    """`learns` `[n, folds]` says which folds learn from a row, `answers` `[n]` which one judges it.

    A fold never learns from what it judges. `answers` is -1 for rows that nobody judges: with times
    these are the earliest ones, which all learn from.
    """

    learns: Array
    answers: Array

    @property
    def count(self) -> int:
        return int(self.learns.shape[1])

    def at(self, rows: Array) -> "Folds":
        """Return the folds of some rows."""
        return Folds(self.learns[rows], self.answers[rows])

    def judged(self) -> Array:
        """Return the rows that some fold judges."""
        return np.flatnonzero(self.answers != NOBODY)


def refuse_too_few(name: str, label: Array) -> None:
    """Refuse what folds cannot be made of; `name` is the table's, `label` `[n]` of 0 and 1.

    Raises:
        TableError: there are fewer than 20 rows, or fewer than 5 of a label.
    """
    rarer = int(min(label.sum(), len(label) - label.sum()))
    if len(label) < FEWEST_ROWS or rarer < FEWEST_OF_A_LABEL:
        raise TableError(
            f"{name}: {len(label)} rows, {rarer} of them with the rarer label; learning takes "
            f"{FEWEST_ROWS} and {FEWEST_OF_A_LABEL}"
        )


def folds_of(table: Table, count: int, seed: int) -> Folds:
    """Return the folds of a table.

    Without times each row is judged by one fold and learned from by all others, labels spread
    evenly; with groups, a group is in one fold.

    With times the windows expand: fold k learns from what lies before a moment and judges the
    stretch that follows, up to where fold k + 1 begins to judge. All learn from the first half of
    the rows; equal times are not parted. With both, fold k judges its own share of the groups alone
    and learns from the others, so that neither a group nor a moment is on both sides of a fold.

    Raises:
        TableError: the times leave no fold with both labels before it and a row after.
    """
    if table.times is not None:
        return _forward(table, table.times, count, seed)
    answers = (
        _stratified(table.label, count, seed)
        if table.groups is None
        else _by_group(table.groups, table.label, count, seed)
    )
    return Folds(answers[:, None] != np.arange(count), answers)


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


def _forward(table: Table, times: Array, count: int, seed: int) -> Folds:
    stretch = _stretches(times, count)
    learns = stretch[:, None] < np.arange(count)
    judges = stretch[:, None] == np.arange(count)
    if table.groups is not None:
        own = _by_group(table.groups, table.label, count, seed)[:, None] == np.arange(count)
        learns, judges = learns & ~own, judges & own
    usable = [k for k in range(count) if _both(table.label[learns[:, k]]) and judges[:, k].any()]
    if not usable:
        raise TableError(
            "the times leave nothing to learn from before, or to judge after: too few moments, or "
            "one label alone before them; leave --time out"
        )
    judges = judges[:, usable]
    answers = np.where(judges.any(axis=1), judges.argmax(axis=1), NOBODY).astype(np.int8)
    return Folds(learns[:, usable], answers)


def _stretches(times: Array, count: int) -> Array:
    """Return which fold's stretch of time a row lies in, -1 in the first half of the rows."""
    _, same, rows = np.unique(times, return_inverse=True, return_counts=True)
    begins = (np.cumsum(rows) - rows)[same]  # the place of the first row of this moment
    found: Array = np.maximum((2 * begins - len(times)) * count // len(times), NOBODY)
    return found


def _both(label: Array) -> bool:
    return bool(0 < label.sum() < len(label))
