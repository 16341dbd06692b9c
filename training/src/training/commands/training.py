"""`train`: a table to a bundle, with baselines and figures on the validation part."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from shared.bundle.keys import read_private
from training.bundle.card import FIGURES, samples_of, unit_of
from training.bundle.writing import write
from training.commands.progress import Told
from training.evaluation.figures import Figure
from training.evaluation.headline import METRICS
from training.fit.options import Options
from training.report.document import Report
from training.report.fitting import warnings_of
from training.run import Ask, train_table
from training.table.schema import Roles


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("train", help="train a network on a table and write its bundle")
    parser.add_argument("--table", type=Path, required=True, help="CSV to learn from")
    parser.add_argument("--valid", type=Path, required=True, help="CSV to judge on")
    parser.add_argument("--id", required=True, help="column that names a row")
    parser.add_argument("--label", required=True, help="column of two values")
    parser.add_argument("--group", help="column whose rows stay together, such as the student")
    parser.add_argument(
        "--time", help="column of times; each fold learns from what lies before what judges it"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--name", help="title of the model")
    parser.add_argument("--key", type=Path, help="private key to sign with")
    parser.add_argument("--seed", type=int, default=Options.seed)
    parser.add_argument("--folds", type=int, default=Options.folds)
    parser.add_argument("--seeds", type=int, help="networks a fold")
    parser.add_argument("--budget", type=int, default=Options.budget, help="settings to try")
    parser.add_argument(
        "--threads", type=int, help="default: OMP_NUM_THREADS, else the cores, 4 at most"
    )
    parser.add_argument("--loss", choices=["log", "weighted", "focal"], default="log")
    parser.add_argument("--hidden", type=int, help="units of the first hidden layer")
    parser.add_argument("--second", type=int, help="units of the second hidden layer, 0 for none")
    parser.add_argument(
        "--activation",
        choices=["sigmoid", "tanh", "silu"],
        help="sigmoid and tanh are the classical forms",
    )
    parser.add_argument("--no-teacher", action="store_true", help="learn from the labels alone")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that may settle the label; that of ids: the same id may be on both sides",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.add_argument("--json", action="store_true", help="figures as one JSON document")
    parser.set_defaults(run=_run)


def options_of(chosen: argparse.Namespace) -> Options:
    return Options(
        seed=chosen.seed,
        folds=chosen.folds,
        seeds=chosen.seeds,
        budget=chosen.budget,
        threads=chosen.threads or cores(),
        loss=chosen.loss,
        hidden=chosen.hidden,
        second=chosen.second,
        activation=chosen.activation,
        distil=not chosen.no_teacher,
    )


def cores() -> int:
    """Return how many threads to use where nobody said."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else min(4, os.cpu_count() or 1)


def _run(chosen: argparse.Namespace) -> int:
    private = read_private(chosen.key) if chosen.key else None
    ask = Ask(
        chosen.table,
        chosen.valid,
        Roles(chosen.id, chosen.label, chosen.group, chosen.time),
        chosen.name or chosen.out.name,
        options_of(chosen),
        frozenset(chosen.allow),
    )
    with Told(quiet=chosen.quiet) as tell:
        trained = train_table(ask, tell)
    write(trained.files, chosen.out, private)
    report = trained.report
    for one in warnings_of(report.fitting.checks) if report.fitting else ():
        print(f"lantern: {one.text.en}", file=sys.stderr)
    if chosen.json:
        print(json.dumps(summary(report), ensure_ascii=False))
    else:
        print(told(report))
        print(f"{chosen.out}: {sum(map(len, trained.files.values()))} bytes")
    return 0


def told(report: Report) -> str:
    """Return the table of figures, models in columns of fixed width."""
    judged = report.evaluations[0]
    positive, unit = judged.prevalence.value or 0.0, unit_of(judged)
    lines = [
        f"{judged.rows} rows to judge on, {positive:.1%} positive; by {unit}",
        f"{'':10}" + "".join(f"{one.name:>26}" for one in judged.scores),
    ]
    for name in FIGURES:
        cells = (_cell(getattr(one, name)) for one in judged.scores)
        lines.append(f"{name:10}" + "".join(f"{cell:>26}" for cell in cells))
    if report.fitting and (sampled := samples_of(report.context.parts[0].rows, report.fitting)):
        lines.append(sampled)
    return "\n".join(lines)


def summary(report: Report) -> dict[str, Any]:
    """Return the figures of report.json in short: each as value, low, high."""
    judged = report.evaluations[0]
    document: dict[str, Any] = msgspec.to_builtins(report.fitting)
    return {
        "figures": {
            one.name: {name: _three(getattr(one, name)) for name in METRICS}
            for one in judged.scores
        },
        "valid": {
            "rows": judged.rows,
            "prevalence": judged.prevalence.value,
            "unit": unit_of(judged),
        },
        "network_less": {
            other: {
                one.metric: _three(one.difference)
                for one in judged.comparisons
                if one.other == other
            }
            for other in dict.fromkeys(one.other for one in judged.comparisons)
        },
        "seed": report.context.seed,
        **document,
    }


def _three(figure: Figure) -> list[float | None]:
    return [figure.value, figure.low, figure.high]


def _cell(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{figure.value:.4f} ({figure.low:.4f}-{figure.high:.4f})"
