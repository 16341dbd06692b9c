"""One training run from files to the files of a bundle: the use case behind `train`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle.manifest import Metric
from training.baselines import fit_baselines
from training.bundle.writing import Facts, columns_of, files_of
from training.export.graph import build
from training.figures import MOST_ROWS, Judged, judge
from training.fit.options import Options
from training.fit.pipeline import Fitted, fit
from training.network.weights import probability
from training.preprocess.fitting import sample
from training.preprocess.recipe import inputs_of
from training.settling import refuse_settled
from training.table.reading import Table, read_table
from training.table.schema import Roles, schema_of

Array = NDArray[Any]


@dataclass(frozen=True)
class Ask:
    """What is asked for; `allowed` columns may settle the label, None lets every column."""

    table: Path
    valid: Path
    roles: Roles
    name: str
    options: Options
    allowed: frozenset[str] | None = None


@dataclass(frozen=True)
class Trained:
    """The bundle's files and the figures of the network and the baselines."""

    files: dict[str, bytes]
    judged: Judged
    report: dict[str, Any]


def train_table(ask: Ask, tell: Callable[[str, int, int], None] = lambda *_: None) -> Trained:
    """Read, fit, judge on the validation part, export.

    Raises:
        LeakError: a column that is not allowed settles the label.
    """
    tell("reading", 0, 2)
    schema, rows = schema_of(ask.table, ask.roles)
    table = read_table(ask.table, schema, rows)
    valid = read_table(ask.valid, schema, levels=table.levels)
    tell("reading", 2, 2)
    if ask.allowed is not None:
        refuse_settled(table, schema, ask.allowed)
    fitted = fit(table, ask.options, tell)
    found = _judge(table, valid, fitted, ask.options, tell=tell)
    model = build(fitted.recipe, fitted.weights)
    facts = Facts(
        ask.name,
        rows,
        float(table.label.mean()),
        _flat(found.figures),
        _report(ask, table, valid, found),
        ask.options.seed,
    )
    columns = columns_of(schema, table.levels, fitted.recipe)
    files = files_of(schema, columns, fitted, model=model, facts=facts)
    report = {**facts.report, "chosen": fitted.chosen, "trials": fitted.trials}
    return Trained(files, found, report)


def _judge(
    table: Table,
    valid: Table,
    fitted: Fitted,
    options: Options,
    *,
    tell: Callable[[str, int, int], None],
) -> Judged:
    tell("baselines and figures", 0, 2)
    rows = sample(np.arange(len(valid)), MOST_ROWS)
    part = Table(
        np.asarray(valid.numbers[rows]),
        np.asarray(valid.codes[rows]),
        valid.levels,
        valid.label[rows],
        None if valid.groups is None else valid.groups[rows],
        None,
    )
    baselines = fit_baselines(table, fitted.teacher, options).probabilities(part)
    tell("baselines and figures", 1, 2)
    own = _probabilities(fitted, part)
    chances = {"network": own, **baselines}
    found = judge(part.label, chances, part.groups, seed=options.seed)
    tell("baselines and figures", 2, 2)
    return found


def _probabilities(fitted: Fitted, table: Table) -> Array:
    pieces = np.array_split(np.arange(len(table)), max(1, len(table) // 4096))
    return np.concatenate(
        [
            probability(fitted.weights, inputs_of(fitted.recipe, table.numbers[p], table.codes[p]))
            for p in pieces
        ]
    )


def _flat(found: dict[str, dict[str, Metric]]) -> dict[str, Metric]:
    """Return the figures as the manifest holds them; the network's without a prefix."""
    return {
        name if model == "network" else f"{model}_{name}": metric
        for model, own in found.items()
        for name, metric in own.items()
    }


def _report(ask: Ask, table: Table, valid: Table, judged: Judged) -> dict[str, Any]:
    groups = valid.groups
    both = 0
    if table.groups is not None and groups is not None:
        both = len(np.intersect1d(table.groups, groups))
    return {
        "valid": {
            "rows": len(valid),
            "prevalence": round(float(valid.label.mean()), 6),
            "unit": "rows" if groups is None else f"{len(np.unique(groups))} groups",
            "strange_cells": valid.strange,
            "groups_also_in_training": both,
        },
        "figures": {
            model: {name: [m.value, m.low, m.high] for name, m in own.items()}
            for model, own in judged.figures.items()
        },
        "network_less_better_baseline": {
            name: {"baseline": best, "difference": [m.value, m.low, m.high]}
            for name, (best, m) in judged.differences.items()
        },
        "seed": ask.options.seed,
    }
