"""The linear path of each fold, by the penalty that rows held out like best."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit.material import Prepared
from training.network.linear import PENALTIES, Linear, path, ridge, row_loss
from training.preprocess.fitting import sample

Array = NDArray[Any]
SEARCH_ROWS = 20_000
FIT_ROWS = 100_000


@dataclass(frozen=True)
class LinearPath:
    """One regression a fold, the logits of rows held out, the penalty and its loss."""

    folds: list[Linear]
    held_out: Array
    penalty: float
    loss: float


def fit_linear(prepared: Prepared) -> LinearPath:
    folded = prepared.folded
    label, fold = folded.table.label, folded.fold
    penalty = _best_penalty(prepared)
    found, held_out = [], np.empty(len(label))
    for k in range(folded.count):
        rows = sample(np.flatnonzero(fold != k), FIT_ROWS)
        one = ridge(prepared.inputs(rows), label[rows], np.ones(len(rows)), penalty=penalty)
        found.append(one)
        for part in np.array_split(np.flatnonzero(fold == k), max(1, len(label) // 50_000)):
            held_out[part] = one.logits(prepared.inputs(part))
    return LinearPath(found, held_out, penalty, float(row_loss(held_out, label).mean()))


def _best_penalty(prepared: Prepared) -> float:
    folded = prepared.folded
    label, fold = folded.table.label, folded.fold
    rows = sample(np.arange(len(label)), SEARCH_ROWS)
    inputs = prepared.inputs(rows)
    losses = np.zeros(len(PENALTIES))
    for k in range(folded.count):
        learn, watch = fold[rows] != k, fold[rows] == k
        tried = path(inputs[learn], label[rows][learn], np.ones(int(learn.sum())))
        losses += [row_loss(one.logits(inputs[watch]), label[rows][watch]).sum() for one in tried]
    learned = max(len(rows), min(len(label), FIT_ROWS))
    return PENALTIES[int(losses.argmin())] * learned / len(rows)
