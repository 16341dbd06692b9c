"""Folds keep groups and blocks of time together and labels even."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fit.folds import fold_of
from training.table.reading import Table

pytestmark = pytest.mark.training


def labelled(label: np.ndarray) -> Table:
    none = np.zeros((len(label), 0))
    return Table(none, none.astype(np.int32), [], label.astype(np.float64), None, None)


@given(st.integers(20, 300), st.integers(2, 6), st.integers(0, 99))
def test_even(rows: int, count: int, seed: int) -> None:
    """Each label is spread over the folds with a difference of one row at most."""
    label = np.random.default_rng(seed).random(rows) < 0.4
    fold = fold_of(labelled(label), count, seed)
    for value in (False, True):
        sizes = np.bincount(fold[label == value], minlength=count)
        assert sizes.max() - sizes.min() <= 1


@given(st.integers(30, 200), st.integers(0, 99))
def test_groups(rows: int, seed: int) -> None:
    """A group is in one fold, and every fold has groups."""
    rng = np.random.default_rng(seed)
    table = labelled(rng.random(rows) < 0.3)
    table = replace(table, groups=rng.integers(0, 15, rows))
    fold = fold_of(table, 3, seed)
    assert table.groups is not None
    for group in np.unique(table.groups):
        assert len(np.unique(fold[table.groups == group])) == 1
    assert set(fold.tolist()) == {0, 1, 2}


def test_times() -> None:
    """Rows of one moment are together, and a fold is made of stretches of time."""
    times = np.repeat(np.arange(100.0), 3)
    fold = fold_of(replace(labelled(times % 2 == 0), times=times), 5, 0)
    for moment in np.unique(times):
        assert len(np.unique(fold[times == moment])) == 1
    assert (np.diff(fold.astype(int)) != 0).sum() == 19  # 20 blocks
    assert set(fold.tolist()) == {0, 1, 2, 3, 4}


def test_times_with_groups() -> None:
    """With both, a group is nowhere parted."""
    rng = np.random.default_rng(3)
    times, groups = rng.random(200), rng.integers(0, 40, 200)
    table = replace(labelled(rng.random(200) < 0.5), times=times, groups=groups)
    fold = fold_of(table, 4, 0)
    assert all(len(np.unique(fold[groups == g])) == 1 for g in np.unique(groups))
