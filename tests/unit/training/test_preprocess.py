"""The recipe: what is learned from training rows, and inputs that nothing can break."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.preprocess.fitting import Choice, bin_edges, fit_recipe, span
from training.preprocess.recipe import SOFT_CLIP, Recipe, inputs_of, raw_inputs
from training.table.reading import Table

pytestmark = pytest.mark.training


def a_table(numbers: Any, codes: Any = None, label: Any = None) -> Table:
    numbers = np.asarray(numbers, dtype=np.float64)
    rows = len(numbers)
    coded = np.zeros((rows, 0), dtype=np.int32) if codes is None else np.asarray(codes, np.int32)
    levels = [[str(n) for n in range(column.max() + 1)] for column in coded.T]
    told = np.arange(rows) % 2 if label is None else np.asarray(label)
    return Table(numbers, coded, levels, told.astype(np.float64), None, None)


def a_recipe(bins: int = 4) -> Recipe:
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(200, 3))
    numbers[:20, 1] = np.nan
    codes = rng.integers(0, 3, size=(200, 2))
    return fit_recipe(a_table(numbers, codes), np.arange(200), Choice(bins=bins, least_rows=5))


def test_by_hand() -> None:
    """Median, robust span, soft clip and mark for missing are those of the formulas."""
    column = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [np.nan]])
    recipe = fit_recipe(a_table(column), np.arange(6), Choice())
    scale = (4.8 - 1.2) / 3.29
    assert recipe.center.tolist() == [3.0]
    assert recipe.scale == pytest.approx([scale])
    part = 2.0 / (scale * SOFT_CLIP)
    expected = [[SOFT_CLIP * part / (1 + part), 0.0], [0.0, 1.0]]
    assert raw_inputs(recipe, column[4:], np.zeros((2, 0), np.int32)) == pytest.approx(
        np.array(expected)
    )


def test_only_these_rows() -> None:
    """Rows that are not named leave no trace."""
    numbers = np.r_[np.arange(50.0), np.full(50, 1e9)][:, None]
    few = fit_recipe(a_table(numbers), np.arange(50), Choice(bins=4))
    alone = fit_recipe(a_table(numbers[:50]), np.arange(50), Choice(bins=4))
    assert few.center == alone.center
    assert np.array_equal(few.bin_low, alone.bin_low)
    assert np.array_equal(few.mean, alone.mean)


def test_typical_row() -> None:
    """The mean input of the training rows is zero."""
    rng = np.random.default_rng(0)
    table = a_table(rng.normal(size=(80, 2)), rng.integers(0, 4, size=(80, 1)))
    recipe = fit_recipe(table, np.arange(80), Choice(bins=3, least_rows=2))
    assert inputs_of(recipe, table.numbers, table.codes).mean(axis=0) == pytest.approx(0, abs=1e-12)


def test_rare_and_unknown() -> None:
    """Rare, unknown and never seen levels share the last input."""
    codes = np.array([[0]] * 10 + [[1]] * 10 + [[2]])
    table = a_table(np.zeros((21, 1)), codes)
    recipe = fit_recipe(table, np.arange(21), Choice(least_rows=5))
    assert recipe.kept == [[0, 1]]
    shown = raw_inputs(recipe, np.zeros((5, 1)), np.array([[0], [1], [2], [-1], [99]]))[:, 1:]
    assert shown.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]


@pytest.mark.parametrize("column", [[], [5.0] * 9, [0.0] * 99 + [1.0], [1e300, -1e300], [1e-300]])
def test_span_is_usable(column: list[float]) -> None:
    """A span is positive and finite, whatever the column."""
    with np.errstate(over="ignore"):
        found = span(np.array(column))
    assert found > 0


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.integers(1, 20))
def test_edges_ascend(column: list[float], bins: int) -> None:
    """Edges ascend strictly and make no more bins than asked for."""
    edges = bin_edges(np.array(column), bins)
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= bins + 1


@given(arrays(np.float64, (4, 3), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_bounded(numbers: Any) -> None:
    """Inputs are finite and bounded for every number there is."""
    recipe = a_recipe()
    codes = np.array([[0, 1], [-1, 7], [2, 2], [1, -5]], dtype=np.int32)
    found = inputs_of(recipe, numbers, codes)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 2 * SOFT_CLIP


def test_numbers_beyond_all_measure() -> None:
    """What is larger than the graph ever sees is bounded before anything is computed of it."""
    huge = np.array([[1e308], [-1e308], [1e300], [0.0], [1.0], [np.inf]] * 5)
    recipe = fit_recipe(a_table(huge), np.arange(30), Choice(bins=4))
    for part in (recipe.center, recipe.scale, recipe.bin_low, recipe.bin_width, recipe.mean):
        assert np.isfinite(part).all()
    assert np.isfinite(inputs_of(recipe, huge, np.zeros((30, 0), np.int32))).all()
