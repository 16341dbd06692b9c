"""One training run from files to the files of a bundle: the use case behind `train`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.baselines import fit_baselines
from training.bundle.manifest import REPORT
from training.bundle.writing import Facts, columns_of, files_of
from training.export.graph import build
from training.fit.folds import refuse_too_few
from training.fit.options import Options
from training.fit.pipeline import Fitted, fit
from training.judging import judged
from training.network.weights import told as told_network
from training.report import Checks, Fitting, Part
from training.report.document import Report, from_json
from training.settling import refuse_settled
from training.sides import refuse_shared_ids
from training.table.reading import Table, read_table
from training.table.schema import Roles, schema_of


@dataclass(frozen=True)
class Ask:
    """What is asked for; columns in `allowed` are not looked at for leaks."""

    table: Path
    valid: Path
    roles: Roles
    name: str
    options: Options
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Trained:
    """The bundle's files; `report` is what its report.json holds."""

    files: dict[str, bytes]

    @property
    def report(self) -> Report:
        return from_json(self.files[REPORT])


def train_table(ask: Ask, tell: Callable[[str, int, int], None] = lambda *_: None) -> Trained:
    """Read, fit, judge on the validation part, export.

    Raises:
        TableError: a file is broken, or has too few rows to learn from.
        LeakError: a column that is not allowed settles the label, or an id is on both sides.
    """
    tell("reading", 0, 2)
    schema, rows = schema_of(ask.table, ask.roles)
    table = read_table(ask.table, schema, rows)
    refuse_too_few(ask.table.name, table.label)
    valid = read_table(ask.valid, schema, levels=table.levels)
    tell("reading", 2, 2)
    refuse_settled(table, schema, ask.allowed)
    checks = refuse_shared_ids(table, valid, schema, ask.allowed)
    fitted = fit(table, ask.options, tell)
    baselines = fit_baselines(table, fitted.teacher, ask.options)
    found = judged(schema, valid, fitted, baselines, name="valid", seed=ask.options.seed, tell=tell)
    files = files_of(
        schema,
        columns_of(schema, table.levels, fitted.recipe),
        model=build(fitted.recipe, fitted.weights),
        judged=found,
        facts=Facts(
            ask.name,
            ask.options.seed,
            (_part("train", table), _part("valid", valid)),
            told_network(fitted.weights),
            _fitting(fitted, checks),
        ),
    )
    return Trained(files)


def _part(name: str, table: Table) -> Part:
    groups = None if table.groups is None else len(np.unique(table.groups))
    return Part(name, groups, len(table), round(float(table.label.mean()), 6))


def _fitting(fitted: Fitted, checks: Checks) -> Fitting:
    return Fitting(fitted.chosen, tuple(fitted.trials), checks)
