"""The teacher's answers: what each fold's teacher says of real and of invented rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit.linear_path import LinearPath
from training.fit.material import Folded, Prepared
from training.fit.synthetic import Invented, invent
from training.fit.teacher import Forest, Trees, blend, columns_of, grow, parameters
from training.network.linear import row_loss
from training.preprocess.fitting import sample
from training.preprocess.recipe import inputs_of
from training.table.reading import Table

Array = NDArray[Any]
TREES = (Trees(), Trees(leaves=4), Trees(leaves=31, least_rows=50, rate=0.03))
MOST_ROWS = 200_000
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Teacher:
    """Trees of all kinds and linear path of each fold, blended by what rows held out like.

    `best` is the kind of trees that did best alone: the baseline.
    """

    forests: list[Forest]
    best: int
    linear: LinearPath
    prepared: Prepared
    share: float
    loss: float
    trees_loss: float

    def answers(self, numbers: Array, codes: Array) -> Array:
        """Return the probabilities `[n, folds]` that the folds' teachers give."""
        columns = columns_of(numbers, codes)
        inputs = inputs_of(self.prepared.recipe, numbers, codes)
        found = [
            self.share * _mean([forest.logits(k, columns) for forest in self.forests])
            + (1 - self.share) * one.logits(inputs)
            for k, one in enumerate(self.linear.folds)
        ]
        chance: Array = 0.5 * (1.0 + np.tanh(0.5 * np.stack(found, axis=1)))
        return chance.astype(np.float32)


def find_teacher(
    folded: Folded, linear: LinearPath, prepared: Prepared, *, seed: int, threads: int, tell: Tell
) -> Teacher:
    """Grow each kind of trees on the folds and blend their mean with the linear path."""
    table = folded.table
    rows = sample(np.arange(len(table)), MOST_ROWS)
    columns = columns_of(np.asarray(table.numbers[rows]), np.asarray(table.codes[rows]))
    label, folds, texts = table.label[rows], folded.folds.at(rows), table.codes.shape[1]
    forests = []
    for place, trees in enumerate(TREES):
        tell("teacher: boosted trees", place, len(TREES))
        forests.append(grow(columns, label, folds, texts, parameters(trees, seed, threads)))
    tell("teacher: boosted trees", len(TREES), len(TREES))
    seen = folds.judged()
    label = label[seen]
    losses = [float(row_loss(forest.held_out[seen], label).mean()) for forest in forests]
    best = int(np.argmin(losses))
    together, straight = _mean([one.held_out[seen] for one in forests]), linear.held_out[rows[seen]]
    share = blend(together, straight, label)
    both = row_loss(share * together + (1 - share) * straight, label)
    return Teacher(forests, best, linear, prepared, share, float(both.mean()), losses[best])


def _mean(logits: list[Array]) -> Array:
    result: Array = np.mean(logits, axis=0)
    return result


@dataclass(frozen=True)
class Lessons:
    """Invented rows with the teachers' answers, and the answers on real rows where asked for."""

    invented: Invented
    invented_answers: Array
    real_answers: Array | None


def lessons_of(table: Table, teacher: Teacher, count: int, seed: int) -> Lessons:
    """Let the teacher answer; on real rows only where these are not too many."""
    invented = invent(table, count, seed)
    answers = teacher.answers(invented.numbers, invented.codes)
    real = None
    if len(table) <= MOST_ROWS:
        real = teacher.answers(np.asarray(table.numbers), np.asarray(table.codes))
    return Lessons(invented, answers, real)
