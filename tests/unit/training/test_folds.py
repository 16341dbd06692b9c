"""Folds keep groups together and labels even; with times nobody learns from what comes later."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fit.folds import NOBODY, Folds, folds_of, refuse_too_few
from training.table.parsing import TableError
from training.table.reading import Table

pytestmark = pytest.mark.training


def labelled(label: np.ndarray) -> Table:
    none = np.zeros((len(label), 0))
    return Table(none, none.astype(np.int32), [], label.astype(np.float64), None, None)


def never_both(folds: Folds) -> bool:
    """Say whether no fold learns from a row that it judges."""
    rows = folds.judged()
    return not folds.learns[rows, folds.answers[rows]].any()


@given(st.integers(20, 300), st.integers(2, 6), st.integers(0, 99))
def test_even(rows: int, count: int, seed: int) -> None:
    """Each label is spread over the folds with a difference of one row at most; all are judged."""
    label = np.random.default_rng(seed).random(rows) < 0.4
    folds = folds_of(labelled(label), count, seed)
    for value in (False, True):
        sizes = np.bincount(folds.answers[label == value], minlength=count)
        assert sizes.max() - sizes.min() <= 1
    assert never_both(folds)
    assert (folds.learns.sum(axis=1) == count - 1).all()


@given(st.integers(30, 200), st.integers(0, 99))
def test_groups(rows: int, seed: int) -> None:
    """A group is in one fold, and every fold has groups."""
    rng = np.random.default_rng(seed)
    table = labelled(rng.random(rows) < 0.3)
    table = replace(table, groups=rng.integers(0, 15, rows))
    folds = folds_of(table, 3, seed)
    assert table.groups is not None
    for group in np.unique(table.groups):
        assert len(np.unique(folds.answers[table.groups == group])) == 1
    assert set(folds.answers.tolist()) == {0, 1, 2}
    assert never_both(folds)


@given(st.integers(2, 6), st.integers(4, 60), st.booleans(), st.integers(0, 99))
def test_windows_expand(count: int, moments: int, grouped: bool, seed: int) -> None:
    """Whatever a fold learns from lies before all it judges; a later fold learns from more."""
    rng = np.random.default_rng(seed)
    times = rng.integers(0, moments, 400).astype(np.float64)
    table = replace(labelled(rng.random(400) < 0.4), times=times)
    if grouped:
        table = replace(table, groups=rng.integers(0, 50, 400))
    folds = folds_of(table, count, seed)
    for k in range(folds.count):
        learns, judges = folds.learns[:, k], folds.answers == k
        assert times[learns].max() < times[judges].min()
        if table.groups is not None:
            assert not np.intersect1d(table.groups[learns], table.groups[judges]).size
        elif k:
            before = folds.learns[:, k - 1]
            assert (learns | ~before).all()
            assert learns.sum() > before.sum()


def test_stretches_of_time() -> None:
    """The first half of the rows is learned from by all, the rest judged in equal stretches."""
    times = np.repeat(np.arange(100.0), 3)
    folds = folds_of(replace(labelled(times % 2 == 0), times=times), 5, 0)
    assert (folds.answers[times < 50] == NOBODY).all()
    assert [int((folds.answers == k).sum()) for k in range(5)] == [30] * 5
    assert folds.learns.sum(axis=0).tolist() == [150, 180, 210, 240, 270]
    assert (np.diff(folds.answers.astype(int)) >= 0).all()


def test_a_fold_without_both_labels_before_it_is_left_out() -> None:
    """What could not be learned is not asked for; where nothing is left, that is said."""
    times = np.arange(100.0)
    late = replace(labelled(times >= 65), times=times)
    assert folds_of(late, 5, 0).count == 3  # 70, 80, 90: before 60 there is one label alone
    for bad in (np.zeros(100), np.where(times >= 65, 3.0, 2.0)):
        with pytest.raises(TableError, match="leave --time out"):
            folds_of(replace(late, times=bad), 5, 0)


@pytest.mark.parametrize(("rows", "positive"), [(19, 9), (40, 4), (40, 36), (0, 0)])
def test_too_few_to_learn_from(rows: int, positive: int) -> None:
    """It is said how many there are and how many it takes."""
    label = np.arange(rows) < positive
    with pytest.raises(TableError, match=f"t.csv: {rows} rows, {min(positive, rows - positive)} "):
        refuse_too_few("t.csv", label.astype(np.float64))
    refuse_too_few("t.csv", (np.arange(20) < 5).astype(np.float64))
