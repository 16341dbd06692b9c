"""The rows under evaluation, checked once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Groups = Mapping[str, Iterable[Any]] | Iterable[Any] | None
NOT_GIVEN = "not given"
_EMPTY = ("", "nan", "none", "<na>")


@dataclass(frozen=True)
class Sample:
    """`[n]` rows: `truth` 0 or 1, `student` and `week` as numbers from 0, `student_weeks` counted.

    `student` counts in the order of first appearance, so that names mean nothing to a resample.
    """

    truth: Floats
    student: Ints
    week: Ints
    students: int
    weeks: int
    student_weeks: int

    @property
    def rows(self) -> int:
        return len(self.truth)


def sample_of(y_true: ArrayLike, students: ArrayLike, weeks: ArrayLike | None) -> Sample:
    """Check truth, students and weeks and number them.

    Raises:
        ValueError: nothing to evaluate, a truth other than 0 and 1, or lengths that differ.
    """
    truth = np.asarray(y_true, dtype=np.float64).ravel()
    if not len(truth):
        raise ValueError("there is no row to evaluate")
    if not np.isin(truth, (0.0, 1.0)).all():
        raise ValueError("y_true holds something other than 0 and 1")
    student = numbered(students, len(truth), "students")
    week = np.zeros(len(truth), np.int64)
    if weeks is not None:
        week = numbered(weeks, len(truth), "weeks")
    pairs = np.unique(week * (student.max() + 1) + student)
    return Sample(truth, student, week, int(student.max()) + 1, int(week.max()) + 1, len(pairs))


def probability_of(given: ArrayLike, rows: int, name: str) -> Floats:
    """Return probabilities as `[rows]`.

    Raises:
        ValueError: of another length, not a number, or outside 0..1.
    """
    probability = np.asarray(given, dtype=np.float64).ravel()
    if len(probability) != rows:
        raise ValueError(f"{name}: {len(probability)} probabilities for {rows} rows")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError(f"{name}: a probability is not a number in 0..1")
    return probability


def numbered(values: ArrayLike, rows: int, name: str) -> Ints:
    """Return each value as its number in the order of first appearance.

    Raises:
        ValueError: of another length.
    """
    array = np.asarray(values).ravel()
    if len(array) != rows:
        raise ValueError(f"{name}: {len(array)} values for {rows} rows")
    if array.dtype == object:
        array = array.astype(str)
    _, first, codes = np.unique(array, return_index=True, return_inverse=True)
    order = np.empty(len(first), np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(len(first))
    place: Ints = order[codes]
    return place


def columns_of(groups: Groups, rows: int) -> dict[str, NDArray[np.str_]]:
    """Return each grouping as text `[rows]`; an empty cell becomes `not given`.

    Raises:
        ValueError: of another length.
    """
    if groups is None:
        return {}
    given = groups if isinstance(groups, Mapping) else {"group": groups}
    columns = {}
    for name, values in given.items():
        text = np.array([_text(value) for value in values], dtype=np.str_)
        if len(text) != rows:
            raise ValueError(f"{name}: {len(text)} values for {rows} rows")
        columns[str(name)] = text
    return columns


def _text(value: object) -> str:
    text = "" if value is None else str(value).strip()
    return NOT_GIVEN if text.lower() in _EMPTY else text
