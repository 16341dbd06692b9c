"""From a table to one network: folds, linear path, teacher, search, the hidden part's trial."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.fit.bagging import Bag, train_bag
from training.fit.folds import folds_of
from training.fit.linear_path import FIT_ROWS, LinearPath, fit_linear
from training.fit.material import Folded, Prepared, prepare
from training.fit.options import (
    FOLDS_OF_LARGE,
    LARGE,
    Candidate,
    Options,
    candidates,
    synthetic_rows,
    threads_of,
)
from training.fit.teaching import MOST_ROWS, Lessons, Teacher, Tell, find_teacher, lessons_of
from training.network.linear import row_loss
from training.network.temperature import shift_of, temperature_of
from training.network.weights import Weights
from training.preprocess.fitting import Choice
from training.preprocess.recipe import Recipe
from training.table.reading import Table

Array = NDArray[Any]
WIDEST = 1_500  # inputs; bins are left out where they would make more
EARNED = 1.0  # standard errors by which the hidden part must lower the held-out loss


@dataclass(frozen=True)
class Fitted:
    """The network with its preprocessing, and what was tried."""

    recipe: Recipe
    weights: Weights
    teacher: Teacher
    trials: list[dict[str, Any]]
    chosen: dict[str, Any]


def fit(table: Table, options: Options, tell: Tell = lambda *_: None) -> Fitted:
    """Fit a network; the same table, options and machine give the same bits."""
    _deterministic(options, len(table))
    folded = Folded(table, folds_of(table, _folds(table, options), options.seed))
    settings = candidates(len(table), options)
    prepared, linear = _linear_paths(folded, settings, tell)
    plain = min(linear, key=lambda bins: linear[bins].loss)
    teacher = find_teacher(
        folded,
        linear[plain],
        prepared[plain],
        seed=options.seed,
        threads=threads_of(len(table), options),
        tell=tell,
    )
    lessons = None
    if options.distil:
        lessons = lessons_of(table, teacher, synthetic_rows(len(table)), options.seed)
    bags = _search(prepared, linear, lessons, settings, options, tell)
    best = min(bags, key=lambda bag: bag.curve[bag.best])
    gain = _gain(best, linear[plain], table)
    trials = [_told(bag) for bag in bags]
    facts = {
        "held_out_loss": best.curve[best.best],
        "linear_loss": linear[plain].loss,
        "trees_loss": teacher.trees_loss,
        "teacher_loss": teacher.loss,
        "teacher_trees_share": teacher.share,
        "gain_in_standard_errors": gain,
        "linear_rows": min(len(table), FIT_ROWS),
        "trees_rows": min(len(table), MOST_ROWS),
    }
    if gain < EARNED:
        weights = _only_linear(linear[plain])
        rows = folded.folds.judged()
        logits = linear[plain].held_out[rows]
        recipe = prepared[plain].recipe
        chosen: dict[str, Any] = {"hidden": 0, "bins": plain}
    else:
        weights, rows, logits = best.weights, best.rows, best.held_out
        chosen, recipe = best.candidate.told(), prepared[best.candidate.bins].recipe
    weights = _calibrated(weights, logits, table.label[rows], options)
    return Fitted(recipe, weights, teacher, trials, {**chosen, **facts})


def _deterministic(options: Options, rows: int) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(threads_of(rows, options))
    torch.use_deterministic_algorithms(mode=True)


def _folds(table: Table, options: Options) -> int:
    rarer = int(min(table.label.sum(), len(table) - table.label.sum()))
    most = options.folds if len(table) < LARGE else min(options.folds, FOLDS_OF_LARGE)
    return max(2, min(most, rarer))


def _linear_paths(
    folded: Folded, settings: list[Candidate], tell: Tell
) -> tuple[dict[int, Prepared], dict[int, LinearPath]]:
    prepared: dict[int, Prepared] = {}
    linear: dict[int, LinearPath] = {}
    wanted = sorted({one.bins for one in settings})
    for place, bins in enumerate(wanted):
        tell("linear path", place, len(wanted))
        made = prepare(folded, Choice(bins=bins))
        if made.recipe.width <= WIDEST or not prepared:
            prepared[bins], linear[bins] = made, fit_linear(made)
    tell("linear path", len(wanted), len(wanted))
    return prepared, linear


def _search(  # noqa: PLR0917 - one private use
    prepared: dict[int, Prepared],
    linear: dict[int, LinearPath],
    lessons: Lessons | None,
    settings: list[Candidate],
    options: Options,
    tell: Tell,
) -> list[Bag]:
    found = []
    possible = [one for one in settings if one.bins in prepared]
    for place, one in enumerate(possible):
        title = f"network {place + 1} of {len(possible)}"

        def told(done: int, passes: int, loss: float, title: str = title) -> None:
            tell(f"{title}, loss {loss:.4f}", done, passes)

        path = linear[one.bins]
        bag = train_bag(
            prepared[one.bins], path, lessons, candidate=one, options=options, tell=told
        )
        found.append(bag)
    return found


def _gain(bag: Bag, linear: LinearPath, table: Table) -> float:
    """Return by how many standard errors the hidden part lowers the loss of rows held out."""
    label = table.label[bag.rows]
    saved = row_loss(linear.held_out[bag.rows], label) - row_loss(bag.held_out, label)
    if table.groups is not None:
        _, member = np.unique(table.groups[bag.rows], return_inverse=True)
        saved = np.bincount(member, saved) / np.bincount(member)
    error = saved.std(ddof=1) / np.sqrt(len(saved))
    return float(saved.mean() / error) if error > 0 else 0.0


def _only_linear(linear: LinearPath) -> Weights:
    skip = np.mean([one.weights for one in linear.folds], axis=0)
    return Weights(
        "sigmoid",
        np.zeros((0, 1, len(skip))),
        np.zeros((0, 1)),
        None,
        None,
        np.zeros((0, 1)),
        skip,
        float(np.mean([one.intercept for one in linear.folds])),
    )


def _calibrated(weights: Weights, logits: Array, label: Array, options: Options) -> Weights:
    """Fit the temperature; with another loss than the plain one also the shift it causes."""
    if options.loss == "log":
        return replace(weights, temperature=temperature_of(logits, label))
    level = shift_of(logits, label)
    temperature = temperature_of(logits + level, label)
    shift = shift_of(logits / temperature, label)
    return replace(weights, temperature=temperature, shift=shift)


def _told(bag: Bag) -> dict[str, Any]:
    return {**bag.candidate.told(), "passes": bag.best, "held_out_loss": bag.curve[bag.best]}
