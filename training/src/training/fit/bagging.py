"""Train one candidate: all folds and seeds side by side, watched on the rows held out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit.linear_path import LinearPath
from training.fit.material import Prepared
from training.fit.options import Candidate, Options, batch_of, passes_of, seeds_of
from training.fit.teaching import Lessons
from training.network.members import Members
from training.network.training import Examples, Outcome, Schedule, Watched, train
from training.network.weights import Weights
from training.preprocess.fitting import sample
from training.preprocess.recipe import inputs_of

Array = NDArray[Any]
WATCHED_ROWS = 100_000
PATIENCE = 8


@dataclass(frozen=True)
class Bag:
    """A trained candidate: weights, logits of the watched rows and their losses by pass."""

    candidate: Candidate
    weights: Weights
    rows: Array
    held_out: Array
    curve: list[float]
    best: int


def train_bag(
    prepared: Prepared,
    linear: LinearPath,
    lessons: Lessons | None,
    *,
    candidate: Candidate,
    options: Options,
    tell: Callable[[int, int, float], None],
) -> Bag:
    """Train a network for each fold and seed; each learns from what its fold learns from."""
    folded = prepared.folded
    rows = len(folded.table)
    member = np.tile(np.arange(folded.count), seeds_of(rows, options))
    net = Members(
        candidate.shape,
        np.stack([linear.folds[k].weights for k in member]),
        np.array([linear.folds[k].intercept for k in member]),
        options.seed,
    )
    schedule = Schedule(
        rate=candidate.rate,
        decay=candidate.decay,
        batch=batch_of(rows),
        passes=passes_of(rows),
        patience=PATIENCE,
        loss=options.loss,
        seed=options.seed,
    )
    examples = _examples(prepared, lessons, member, soft=candidate.soft, options=options)
    seen = sample(folded.folds.judged(), WATCHED_ROWS)
    answers = (folded.folds.answers[seen][:, None] == member).astype(np.float64)
    watched = Watched(
        lambda chosen: prepared.inputs(seen[chosen]), folded.table.label[seen], answers
    )
    outcome = train(net, examples, watched, schedule, tell=tell)
    return Bag(
        candidate, _weights(outcome, candidate), seen, outcome.logits, outcome.curve, outcome.best
    )


def _examples(
    prepared: Prepared, lessons: Lessons | None, member: Array, *, soft: float, options: Options
) -> Examples:
    folded = prepared.folded
    label, learns, real = folded.table.label, folded.folds.learns, len(folded.table)
    share = label.mean()
    even = np.where(label > 0, 0.5 / share, 0.5 / (1 - share))
    importance = even if options.loss == "weighted" else np.ones(real)
    invented = 0
    if lessons is not None and soft > 0:
        invented = len(lessons.invented)
        new = lessons.invented
        made = inputs_of(prepared.recipe, new.numbers, new.codes, np.float32)

    def batch(rows: Array) -> tuple[Array, Array, Array]:
        own, other = rows[rows < real], rows[rows >= real] - real
        target = np.repeat(label[own][:, None], len(member), axis=1)
        if lessons is not None and lessons.real_answers is not None:
            target = (1 - soft) * target + soft * lessons.real_answers[own][:, member]
        weight = learns[own][:, member] * importance[own][:, None]
        inputs = prepared.inputs(own)
        if lessons is None or not len(other):
            return inputs, target, weight
        return (
            np.concatenate([inputs, made[other]]),
            np.concatenate([target, lessons.invented_answers[other][:, member]]),
            np.concatenate([weight, np.ones((len(other), len(member)))]),
        )

    return Examples(real + invented, batch)


def _weights(outcome: Outcome, candidate: Candidate) -> Weights:
    found = outcome.parameters
    return Weights(
        activation=candidate.shape.activation,
        first=found["first"],
        first_bias=found["first_bias"],
        second=found.get("second"),
        second_bias=found.get("second_bias"),
        output=found["output"],
        skip=found["skip"].mean(axis=0),
        intercept=float(found["intercept"].mean()),
    )
