"""Judge a bundle on a labelled table: the use case behind `evaluate`; no torch is needed."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bundle.reading import TableBundle
from training.evaluation.figures import DataKind, Evaluation
from training.evaluation.metrics import evaluate
from training.predict import ROWS, Scorer
from training.table.parsing import Chunk, TableError, canonical, chunks, header

Array = NDArray[Any]


@dataclass(frozen=True)
class Question:
    """What is asked: the table, its columns that are no inputs, and what stands beside.

    `baselines` are files of `id,probability`, as `predict` writes them.
    """

    table: Path
    id: str
    label: str
    student: str | None = None
    week: str | None = None
    groups: Sequence[str] = ()
    baselines: Mapping[str, Path] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    data: DataKind = "table"
    share: float = 0.015
    seed: int = 0

    @property
    def named(self) -> list[str]:
        """Return the columns that are read besides the inputs, each once."""
        wanted = [self.id, self.label, self.student, self.week, *self.groups]
        return list(dict.fromkeys(name for name in wanted if name is not None))


@dataclass(frozen=True)
class _Scored:
    """Columns by name, with probabilities `[n]` and where inputs were empty `[n, p]`."""

    cells: dict[str, list[str]]
    probability: Array
    empty: Array


def evaluate_bundle(bundle: TableBundle, question: Question) -> Evaluation:
    """Score the table and judge the scores.

    Raises:
        TableError: a column is missing, a label is unknown, or a baseline lacks a row.
    """
    _require(question)
    scored = _score(bundle, question)
    cells = scored.cells
    names = [one.name for one in bundle.manifest.columns]
    return evaluate(
        _labels(bundle, question, cells[question.label]),
        scored.probability,
        cells[question.student or question.id],
        weeks=cells[question.week] if question.week else None,
        groups={name: cells[name] for name in question.groups},
        seed=question.seed,
        name=question.table.name,
        baselines={
            name: _joined(path, cells[question.id]) for name, path in question.baselines.items()
        },
        thresholds=question.thresholds,
        inputs=(names, np.where(scored.empty, np.nan, np.float32(0.0))),
        data=question.data,
        prior=bundle.manifest.prevalence,
        budget=question.share,
    )


def _require(question: Question) -> None:
    there = header(question.table)
    for name in question.named:
        if name not in there:
            raise TableError(f"{question.table.name} line 1: no column {name!r}; there are {there}")


def _score(bundle: TableBundle, question: Question) -> _Scored:
    scorer, named = Scorer(bundle), question.named
    inputs = [one.name for one in bundle.manifest.columns]
    cells: dict[str, list[str]] = {name: [] for name in named}
    said: list[Array] = []
    empty: list[Array] = []
    for chunk in chunks(question.table, [*named, *inputs], ROWS):
        for name, column in zip(named, chunk.columns, strict=False):
            cells[name].extend(column)
        own = chunk.columns[len(named) :]
        said.append(scorer.score(own, chunk.rows)[0])
        empty.append(_empty(own, chunk))
    if not said:
        raise TableError(f"{question.table.name}: no rows")
    return _Scored(cells, np.concatenate(said).astype(np.float64), np.concatenate(empty))


def _empty(columns: list[list[str]], chunk: Chunk) -> Array:
    if not columns:
        return np.zeros((chunk.rows, 0), dtype=np.bool_)
    return np.array([[not cell for cell in column] for column in columns], dtype=np.bool_).T


def _labels(bundle: TableBundle, question: Question, column: list[str]) -> Array:
    values = {bundle.manifest.positive: 1.0, bundle.manifest.negative: 0.0}
    labels = [values.get(canonical(cell)) for cell in column]
    if None in labels:
        row = labels.index(None)
        raise TableError(
            f"{question.table.name} row {row + 1} column {question.label!r}: the label is "
            f"neither {bundle.manifest.positive!r} nor {bundle.manifest.negative!r}"
        )
    return np.array(labels, dtype=np.float64)


def _joined(path: Path, ids: list[str]) -> Array:
    """Return a baseline's probabilities in the order of the rows."""
    known: dict[str, float] = {}
    line = 1
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                line = reader.line_num
                known[row["id"]] = float(row["probability"])
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise TableError(f"{path.name}: not a file of id,probability ({what})") from None
    except (KeyError, TypeError, ValueError):  # their texts hold the cell
        raise TableError(f"{path.name}: not a file of id,probability (line {line})") from None
    absent = next((row for row, one in enumerate(ids, start=1) if one not in known), None)
    if absent is not None:
        raise TableError(f"{path.name}: no probability for the id of row {absent} of the table")
    return np.array([known[one] for one in ids])
