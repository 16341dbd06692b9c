"""`evaluate`: the honest report of a bundle on a labelled table."""

import argparse
import json
from pathlib import Path
from typing import Any

from shared.bundle.keys import read_trusted
from shared.kernel.errors import ConfigError
from training.bundle.context import context_of
from training.bundle.reading import read_bundle
from training.evaluate_bundle import Question, evaluate_bundle
from training.evaluation.budget import SHARE
from training.report import write
from training.report.document import Report, report_of


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "evaluate", help="judge a bundle on a labelled table: report.json and report.html"
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--table", type=Path, required=True, help="CSV to judge on")
    parser.add_argument("--id", required=True, help="column that names a row")
    parser.add_argument("--label", required=True, help="column of the two labels")
    parser.add_argument("--group", help="column of the student; intervals draw whole students")
    parser.add_argument("--week", help="column of the week; the alert budget is spent in each")
    parser.add_argument(
        "--by", action="append", default=[], help="column to show by, such as college (repeatable)"
    )
    parser.add_argument(
        "--baseline", action="append", default=[], metavar="NAME=FILE",
        help="id,probability of another model, such as logistic=scores.csv (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--level", action="append", default=[], metavar="NAME=PROBABILITY",
        help="where a level begins, such as yellow=0.2 (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--data", choices=["table", "campus", "simulated"], default="table", help="what it is"
    )
    parser.add_argument("--budget", type=float, default=SHARE, help="share alerted a week")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--created", default="", help="time to print; none, so that runs agree")
    parser.add_argument("--trusted", type=Path, help="trusted keys; then a signature is needed")
    parser.add_argument("--out", type=Path, required=True, help="folder of the report")
    parser.add_argument("--json", action="store_true", help="the findings as one JSON document")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    bundle = read_bundle(chosen.bundle, read_trusted(chosen.trusted) if chosen.trusted else None)
    question = Question(
        table=chosen.table,
        id=chosen.id,
        label=chosen.label,
        student=chosen.group,
        week=chosen.week,
        groups=chosen.by,
        baselines={name: Path(file) for name, file in map(_pair, chosen.baseline)},
        thresholds={name: _share(text) for name, text in map(_pair, chosen.level)},
        data=chosen.data,
        share=_share(str(chosen.budget)),
        seed=chosen.seed,
    )
    found = evaluate_bundle(bundle, question)
    context = context_of(bundle.manifest, chosen.data, chosen.created)
    try:
        files = write([found], context, chosen.out)
    except ModuleNotFoundError as error:
        if error.name not in {"matplotlib", "jinja2"}:
            raise
        raise ConfigError(
            "training", f"{error.name} is not installed here: `make install-training`"
        ) from None
    _tell(report_of([found], context), files, as_json=chosen.json)
    return 0


def _tell(report: Report, files: tuple[Path, ...], *, as_json: bool) -> None:
    said = report.in_short[0]
    if as_json:
        told: dict[str, Any] = {
            "files": [str(one) for one in files],
            "findings": [{"tone": o.tone, "zh": o.text.zh, "en": o.text.en} for o in said],
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    for one in said:
        print(("! " if one.tone == "warning" else "  ") + one.text.en)
    for file in files:
        print(file)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign or not value:
        raise ConfigError("arguments", f"{text!r} is not NAME=VALUE")
    return name, value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1:
        raise ConfigError("arguments", f"{text!r} is not a share between 0 and 1")
    return value
