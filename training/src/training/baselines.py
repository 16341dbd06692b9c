"""What the network has to beat, fitted on all training rows: majority, logistic, boosted trees."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.fit.linear_path import FIT_ROWS, fit_linear
from training.fit.material import prepare
from training.fit.options import Options, threads_of
from training.fit.teacher import columns_of, parameters
from training.fit.teaching import MOST_ROWS, TREES, Teacher
from training.network.linear import Linear, ridge
from training.preprocess.fitting import Choice, sample
from training.preprocess.recipe import Recipe, inputs_of
from training.table.reading import Table

Array = NDArray[Any]


@dataclass(frozen=True)
class Baselines:
    """The three, ready to score."""

    share: float
    recipe: Recipe
    linear: Linear
    trees: lightgbm.Booster

    def probabilities(self, numbers: Array, codes: Array) -> dict[str, Array]:
        """Return the probabilities of each by name, for some rows."""
        inputs, columns = inputs_of(self.recipe, numbers, codes), columns_of(numbers, codes)
        return {
            "majority": np.full(len(numbers), self.share),
            "logistic": 0.5 * (1.0 + np.tanh(0.5 * self.linear.logits(inputs))),
            "trees": np.asarray(self.trees.predict(columns), dtype=np.float64),
        }


def fit_baselines(table: Table, teacher: Teacher, options: Options) -> Baselines:
    """Fit them: penalty by cross-validation, kind and number of trees as the teacher found best."""
    forest, kind = teacher.forests[teacher.best], TREES[teacher.best]
    prepared = prepare(teacher.prepared.folded, Choice(bins=0))
    penalty = fit_linear(prepared).penalty
    rows = sample(np.arange(len(table)), FIT_ROWS)
    linear = ridge(prepared.inputs(rows), table.label[rows], np.ones(len(rows)), penalty=penalty)
    rows = sample(np.arange(len(table)), MOST_ROWS)
    columns = columns_of(np.asarray(table.numbers[rows]), np.asarray(table.codes[rows]))
    grown = parameters(kind, options.seed, threads_of(len(table), options))
    data = lightgbm.Dataset(
        columns,
        table.label[rows],
        params=grown,
        categorical_feature=list(range(table.numbers.shape[1], columns.shape[1])),
    )
    trees = lightgbm.train(grown, data, forest.rounds)
    return Baselines(float(table.label.mean()), prepared.recipe, linear, trees)
