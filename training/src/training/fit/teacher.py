"""The cross-fitted teacher: boosted trees and a logistic regression, blended on rows held out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.fit.folds import Folds
from training.network.linear import row_loss

Array = NDArray[Any]
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BOUND = 12.0
_ROUNDS = 1500
_EARLY = 50


@dataclass(frozen=True)
class Trees:
    """How trees are grown; `threads` is fixed, so that runs repeat to the bit."""

    leaves: int = 15
    least_rows: int = 20
    rate: float = 0.05
    share: float = 0.8
    ridge: float = 1.0


@dataclass(frozen=True)
class Forest:
    """One set of boosted trees a fold; logits of the rows they judge, NaN where none does."""

    trees: list[lightgbm.Booster]
    held_out: Array
    rounds: int

    def logits(self, fold: int, columns: Array) -> Array:
        raw = self.trees[fold].predict(columns, raw_score=True, num_iteration=self.rounds)
        return np.clip(np.asarray(raw, dtype=np.float64), -_BOUND, _BOUND)


def columns_of(numbers: Array, codes: Array) -> Array:
    """Return what trees see: numbers with gaps, codes with unknown as a gap."""
    coded = np.where(codes < 0, np.nan, codes.astype(np.float64))
    return np.concatenate([numbers, coded], axis=1)


def parameters(trees: Trees, seed: int, threads: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": trees.leaves,
        "min_data_in_leaf": trees.least_rows,
        "learning_rate": trees.rate,
        "bagging_fraction": trees.share,
        "bagging_freq": 1,
        "feature_fraction": trees.share,
        "lambda_l2": trees.ridge,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "cat_smooth": 20.0,
        "max_cat_to_onehot": 8,
        "min_data_per_group": 20,
        "feature_pre_filter": False,
    }


def grow(  # noqa: PLR0917 - one use
    columns: Array,
    label: Array,
    folds: Folds,
    texts: int,
    options: dict[str, Any],
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Forest:
    """Grow trees for each fold on what it learns from; the number of rounds is one for all."""
    categories = list(range(columns.shape[1] - texts, columns.shape[1]))
    count = folds.count
    grown, curves = [], []
    for k in range(count):
        learn, watch = folds.learns[:, k], folds.answers == k
        train = lightgbm.Dataset(
            columns[learn],
            label[learn],
            categorical_feature=categories,
            params=options,
            free_raw_data=True,
        )
        valid = lightgbm.Dataset(columns[watch], label[watch], reference=train, params=options)
        seen: dict[str, Any] = {}
        grown.append(
            lightgbm.train(
                {**options, "metric": "binary_logloss"},
                train,
                _ROUNDS,
                valid_sets=[valid],
                callbacks=[
                    lightgbm.early_stopping(_EARLY, verbose=False),
                    lightgbm.record_evaluation(seen),
                ],
            )
        )
        curves.append(np.array(seen["valid_0"]["binary_logloss"]))
        tell(k + 1, count)
    shortest = min(len(curve) for curve in curves)
    mean = np.mean([curve[:shortest] for curve in curves], axis=0)
    forest = Forest(grown, np.full(len(label), np.nan), int(mean.argmin()) + 1)
    for k in range(count):
        watch = folds.answers == k
        forest.held_out[watch] = forest.logits(k, columns[watch])
    return forest


def blend(trees: Array, linear: Array, label: Array) -> float:
    """Return the share of the trees in the blended logit that held-out rows like best."""
    losses = [row_loss(w * trees + (1 - w) * linear, label).mean() for w in WEIGHTS]
    return WEIGHTS[int(np.argmin(losses))]
