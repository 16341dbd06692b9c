"""`results`: train on the real tables and write the page of results."""

import argparse
import sys
import tempfile
from pathlib import Path

from shared.kernel.errors import ConfigError
from training.commands.progress import Told
from training.commands.training import cores
from training.fit.options import Options
from training.realdata import card, lms, phd, vle, weekly
from training.realdata.notes import NOTES
from training.realdata.results import Result, page
from training.realdata.source import Task
from training.run import Ask, train_table
from training.table.schema import Roles

SETS = {
    "weekly_behaviour": weekly,
    "campus_card": card,
    "lms_log": lms,
    "vle": vle,
    "phd_survey": phd,
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("results", help="train on the real tables and write the results")
    parser.add_argument("--data", type=Path, required=True, help="folder of the real tables")
    parser.add_argument("--out", type=Path, required=True, help="Markdown to write")
    parser.add_argument("--only", choices=list(SETS), help="one set alone")
    parser.add_argument("--threads", type=int)
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    if not chosen.data.is_dir():
        raise ConfigError("results", f"real data not present: {chosen.data} is missing")
    wanted = [chosen.only] if chosen.only else list(SETS)
    options = Options(threads=chosen.threads or cores())
    results = [judged(task, options) for name in wanted for task in SETS[name].tasks(chosen.data)]
    chosen.out.write_text(page(results, NOTES), encoding="utf-8")
    print(f"{chosen.out}: {len(results)} tasks")
    return 0


def judged(task: Task, options: Options) -> Result:
    """Train and judge one task through the same files and door as any flat table."""
    print(task.name, file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, Told() as tell:
        train, valid = Path(folder) / "train.csv", Path(folder) / "valid.csv"
        rows = task.write("train", train)
        task.write("valid", valid)
        roles = Roles("id", "y", task.group)
        trained = train_table(Ask(train, valid, roles, task.name, options), tell)
    return Result(task.name, task.question, rows, trained.report)
