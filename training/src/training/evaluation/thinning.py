"""Very many rows are judged on a sample of whole students, and the report says so."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from training.evaluation.sample import Groups, Ints, Sample

MOST_ROWS = 500_000  # beyond, a thousandth of a share is no longer what decides
SAMPLED = "judged_on_a_sample"


def chosen_rows(sample: Sample, seed: int, most: int = MOST_ROWS) -> Ints | None:
    """Return the rows of a seeded sample of students, None where all rows can be judged.

    A single student with more rows than that is judged whole.
    """
    if sample.rows <= most:
        return None
    drawn = np.random.default_rng(seed).permutation(sample.students)
    rows_of = np.bincount(sample.student, minlength=sample.students)[drawn]
    enough = max(1, int(np.searchsorted(rows_of.cumsum(), most, side="right")))
    return np.flatnonzero(np.isin(sample.student, drawn[:enough]))


def groups_at(groups: Groups, rows: Ints) -> Groups:
    """Return groupings of some rows."""
    if groups is None:
        return None
    if isinstance(groups, Mapping):
        return {name: _at(values, rows) for name, values in groups.items()}
    return _at(groups, rows)


def _at(values: Iterable[Any], rows: Ints) -> list[Any]:
    listed = list(values)
    return [listed[row] for row in rows]
