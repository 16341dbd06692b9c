"""The linear path of each fold, by the penalty that rows held out like best."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit.material import Prepared
from training.network.linear import PENALTIES, Linear, path, ridge, row_loss
from training.preprocess.fitting import sample
from training.preprocess.recipe import BLOCK

Array = NDArray[Any]
SEARCH_ROWS = 20_000
FIT_ROWS = 100_000


@dataclass(frozen=True)
class LinearPath:
    """One regression a fold, logits of rows held out (NaN where none judges), penalty and loss."""

    folds: list[Linear]
    held_out: Array
    penalty: float
    loss: float


def fit_linear(prepared: Prepared) -> LinearPath:
    folded = prepared.folded
    label, folds = folded.table.label, folded.folds
    penalty = _best_penalty(prepared)
    found, held_out = [], np.full(len(label), np.nan)
    for k in range(folded.count):
        rows = sample(np.flatnonzero(folds.learns[:, k]), FIT_ROWS)
        one = ridge(prepared.inputs(rows), label[rows], np.ones(len(rows)), penalty=penalty)
        found.append(one)
        judged = np.flatnonzero(folds.answers == k)
        for part in np.array_split(judged, max(1, len(judged) // BLOCK)):
            held_out[part] = one.logits(prepared.inputs(part))
    judged = folds.judged()
    loss = float(row_loss(held_out[judged], label[judged]).mean())
    return LinearPath(found, held_out, penalty, loss)


def _best_penalty(prepared: Prepared) -> float:
    folded = prepared.folded
    label = folded.table.label
    rows = sample(np.arange(len(label)), SEARCH_ROWS)
    folds, inputs = folded.folds.at(rows), prepared.inputs(rows)
    losses = np.zeros(len(PENALTIES))
    for k in range(folded.count):
        learn, watch = folds.learns[:, k], folds.answers == k
        tried = path(inputs[learn], label[rows][learn], np.ones(int(learn.sum())))
        losses += [row_loss(one.logits(inputs[watch]), label[rows][watch]).sum() for one in tried]
    learned = max(len(rows), min(len(label), FIT_ROWS))
    return PENALTIES[int(losses.argmin())] * learned / len(rows)
