"""What all candidates share: rows, folds, and for each fold who learns from which row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit.folds import Folds
from training.preprocess.fitting import Choice, fit_recipe
from training.preprocess.recipe import Recipe, inputs_of
from training.table.reading import Table

Array = NDArray[Any]
LARGEST_MATRIX = (
    60_000_000  # cells kept in memory at once; above, inputs are made a batch at a time
)


@dataclass(frozen=True)
class Folded:
    """A table with its folds."""

    table: Table
    folds: Folds

    @property
    def count(self) -> int:
        return self.folds.count


@dataclass(frozen=True)
class Prepared:
    """A table seen through a recipe; `inputs` gives rows by number."""

    folded: Folded
    recipe: Recipe

    @cached_property
    def matrix(self) -> Array | None:
        table = self.folded.table
        if len(table) * self.recipe.width > LARGEST_MATRIX:
            return None
        return inputs_of(self.recipe, table.numbers, table.codes)

    def inputs(self, rows: Array) -> Array:
        if self.matrix is not None:
            found: Array = self.matrix[rows]
            return found
        table = self.folded.table
        order = np.sort(rows)  # a table on disk is read in its order
        made = inputs_of(
            self.recipe, np.asarray(table.numbers[order]), np.asarray(table.codes[order])
        )
        return made if np.array_equal(order, rows) else made[np.searchsorted(order, rows)]


def prepare(folded: Folded, choice: Choice) -> Prepared:
    rows = np.arange(len(folded.table))
    return Prepared(folded, fit_recipe(folded.table, rows, choice))


Inputs = Callable[[Array], Array]
