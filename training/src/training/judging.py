"""Judge a fitted network and its baselines on the part that nothing was fitted on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.baselines import Baselines
from training.evaluation.figures import Evaluation
from training.evaluation.metrics import MAJORITY, evaluate
from training.fit.pipeline import Fitted
from training.network.weights import probability
from training.preprocess.recipe import inputs_of
from training.table.reading import EMPTY, Table
from training.table.schema import Schema

Array = NDArray[Any]
BLOCK = 4096


def judged(
    schema: Schema,
    valid: Table,
    fitted: Fitted,
    baselines: Baselines,
    *,
    name: str,
    seed: int,
    tell: Callable[[str, int, int], None] = lambda *_: None,
) -> Evaluation:
    """Return what `evaluate` says of the bundle on this table, with the baselines beside it."""
    own = np.empty(len(valid))
    others: dict[str, Array] = {}
    inputs = [*schema.numbers, *schema.texts]
    gone = np.empty((len(valid), len(inputs)), dtype=np.float32)
    for start in range(0, len(valid), BLOCK):
        tell("judging", start, len(valid))
        rows = slice(start, start + BLOCK)
        numbers, codes = np.asarray(valid.numbers[rows]), np.asarray(valid.codes[rows])
        gone[rows] = missing(numbers, codes, valid.levels)
        own[rows] = probability(fitted.weights, inputs_of(fitted.recipe, numbers, codes))
        for model, chance in baselines.probabilities(numbers, codes).items():
            others.setdefault(model, np.empty(len(valid)))[rows] = chance
    found = evaluate(
        valid.label,
        own,
        np.arange(len(valid)) if valid.groups is None else valid.groups,
        baselines={model: chance for model, chance in others.items() if model != MAJORITY},
        inputs=(inputs, gone),
        data="table",
        prior=baselines.share,
        name=name,
        seed=seed,
    )
    tell("judging", len(valid), len(valid))
    return found


def missing(numbers: Array, codes: Array, levels: list[list[str]]) -> Array:
    """Return `[n, columns]`, NaN where a cell was empty and 0 elsewhere, in the graph's order."""
    empty = [[EMPTY, *([known.index("")] if "" in known else [])] for known in levels]
    gone = [np.isnan(column) for column in numbers.T]
    gone += [np.isin(column, none) for column, none in zip(codes.T, empty, strict=True)]
    return np.where(np.stack(gone, axis=1), np.float32(np.nan), np.float32(0.0))
