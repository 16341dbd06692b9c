"""Fit on the learning terms, judge on another one: what a bundle is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle.manifest import Thresholds
from shared.drift.reference import Reference, reference_of
from shared.features.catalogue import CATALOGUE
from training.baselines import fit_baselines
from training.dataset.reading import Examples
from training.evaluation.figures import DataKind, Evaluation
from training.evaluation.metrics import evaluate
from training.evaluation.sample import Groups
from training.export import vectors
from training.export.graph import build
from training.fit.options import Options
from training.fit.pipeline import Fitted, fit
from training.network.weights import probability
from training.preprocess.recipe import inputs_of
from training.table.reading import Table

Array = NDArray[Any]
# of students a week at or above a level: what counsellors can answer, not what a score seems to say
LEVEL_SHARES = {"blue": 0.05, "yellow": 0.015, "orange": 0.003}
PARITY = 1e-6
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Learned:
    """The network, its levels, what it reached, the ONNX file, and the values it learned from."""

    fitted: Fitted
    thresholds: Thresholds
    evaluation: Evaluation
    rates: dict[str, float]
    model: bytes
    reference: Reference


def learn(
    train: Examples,
    watch: Examples,
    judge: Examples,
    *,
    options: Options,
    data: DataKind,
    groups: Groups = None,
    tell: Tell = lambda *_: None,
) -> Learned:
    """Fit on `train`, set levels on `watch`, judge on `judge`, also by `groups` of its rows.

    Raises:
        ValueError: the exported graph computes something else than the network.
    """
    table = table_of(train)
    fitted = fit(table, options, tell)
    thresholds = _thresholds(_chance(fitted, watch))
    chance = _chance(fitted, judge)
    other = table_of(judge)
    baselines = fit_baselines(table, fitted.teacher, options)
    beside = baselines.probabilities(other.numbers, other.codes)
    evaluation = evaluate(
        judge.label,
        chance,
        judge.student,
        weeks=judge.time,
        groups=groups,
        baselines={name: p for name, p in beside.items() if name != "majority"},
        thresholds={name: getattr(thresholds, name) for name in LEVEL_SHARES},
        inputs=([one.id for one in CATALOGUE], judge.values),
        data=data,
        prior=float(train.label.mean()),
        name="later term, other students",
        seed=options.seed,
    )
    model = build(fitted.recipe, fitted.weights, vectors.VECTOR)
    _check_parity(model, judge, chance)
    rates = {name: float((chance >= getattr(thresholds, name)).mean()) for name in LEVEL_SHARES}
    reference = reference_of([one.id for one in CATALOGUE], train.values)
    return Learned(fitted, thresholds, evaluation, rates, model, reference)


def table_of(examples: Examples) -> Table:
    """Return examples as the table that the network learns from; a student is a group."""
    _, group = np.unique(examples.student, return_inverse=True)
    numbers = vectors.columns_of(examples.values, examples.usual)
    none = np.zeros((len(examples), 0), dtype=np.int32)
    return Table(numbers, none, [], examples.label, group.astype(np.int64), None)


def _chance(fitted: Fitted, examples: Examples) -> Array:
    table = table_of(examples)
    pieces: Sequence[Array] = np.array_split(np.arange(len(table)), max(1, len(table) // 4096))
    return np.concatenate(
        [
            probability(fitted.weights, inputs_of(fitted.recipe, table.numbers[p], table.codes[p]))
            for p in pieces
        ]
    )


def _thresholds(chance: Array) -> Thresholds:
    cuts = {name: round(float(np.quantile(chance, 1 - s)), 4) for name, s in LEVEL_SHARES.items()}
    return Thresholds(**cuts)


def _check_parity(model: bytes, examples: Examples, chance: Array) -> None:
    import onnxruntime as ort  # noqa: PLC0415 - only here

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    with np.errstate(over="ignore"):
        feeds: dict[str, Any] = {
            name: getattr(examples, name).astype(np.float32)
            for name in ("values", "usual", "coverage")
        }
    [found] = session.run(["probability"], {**feeds, "explain": np.array(False)})  # noqa: FBT003 - an array
    gap = float(np.abs(found - chance).max())
    if not gap <= PARITY:
        raise ValueError(f"the exported graph differs from the network by {gap}")
