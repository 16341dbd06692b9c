"""`lantern dataset`: point-in-time tables for training, and the check against leaks.

The work is done by `python -m training.dataset`, a process of its own; it needs no torch.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.context import context
from cli.language import say
from cli.output import AsJson, fail
from cli.training_process import started
from features.config import Settings as FeatureSettings
from shared.settings import load

_PSEUDONYM_KEY = "LANTERN_PSEUDONYM_KEY"
app = typer.Typer(no_args_is_help=True, help="Tables to train and judge models on. 训练数据集。")


@app.command()
def build(  # noqa: PLR0913 - each is an option of the command
    *,
    out: Annotated[Path, typer.Option(help="Folder of the tables. 输出文件夹。")],
    labels: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Outcomes: student,time,label[,scale]."),
    ] = None,
    verdicts: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="alerts.events.v1 as JSON lines."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="truth.csv of a simulation."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="DAY, FROM..TO or FROM..TO/STEP; truth: default weekly.")
    ] = None,
    lead: Annotated[int, typer.Option(min=0, help="Days between vector and label.")] = 0,
    max_age: Annotated[int, typer.Option(min=0, help="Days that a vector may be older.")] = 7,
    skip_early: Annotated[
        bool, typer.Option(help="Leave out labels from before the history.")
    ] = False,
    students: Annotated[str, typer.Option(help="Shares of the parts.")] = "0.7,0.15,0.15",
    times: Annotated[str, typer.Option(help="Shares of the parts.")] = "0.6,0.2,0.2",
    seed: Annotated[int, typer.Option(help="Draws the students' parts.")] = 2026,
    features_db: Annotated[
        str | None, typer.Option(help="Database of features; the home's by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make train, valid and test tables: vectors as they were known then. 生成时点数据集。

    Students and mornings of the parts do not meet. Exit code 3 when the tables would leak the
    label: nothing is written but dataset.json, which names columns and rows.

    Example: lantern dataset build --labels outcomes.csv --lead 14 --out data/term1
    """
    given = {"--labels": labels, "--verdicts": verdicts, "--truth": truth}
    sources = [word for name, path in given.items() if path for word in (name, str(path))]
    if len(sources) != len(("--labels", "FILE")):
        fail(
            say(
                "give one of --labels, --verdicts, --truth",
                "请给出 --labels、--verdicts、--truth 之一",
            ),
            2,
        )
    words = [*sources, "--lead", str(lead), "--max-age", str(max_age), "--out", str(out)]
    words += ["--students", students, "--times", times, "--seed", str(seed)]
    words += ["--as-of", as_of] if as_of else []
    words += ["--skip-early"] if skip_early else []
    settings = load(FeatureSettings, home=context().home)
    words += ["--timezone", settings.timezone]
    url = features_db or settings.database("features")
    keys = {"LANTERN_FEATURES_DATABASE_URL": url}  # it may hold a password: not on a command line
    _answer(["build", *words], {**_pseudonym_key(), **keys}, as_json=as_json)


@app.command()
def check(  # noqa: PLR0913 - each is an option of the command
    *,
    table: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV to look at.")],
    id_: Annotated[str, typer.Option("--id", help="Column that names a row.")],
    label: Annotated[str, typer.Option(help="Column of the label.")],
    valid: Annotated[Path | None, typer.Option(exists=True, help="CSV of the other side.")] = None,
    test: Annotated[Path | None, typer.Option(exists=True, help="CSV of a third side.")] = None,
    group: Annotated[str | None, typer.Option(help="Column of the student.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of the evidence's time.")] = None,
    label_time: Annotated[str | None, typer.Option(help="Column of the label's time.")] = None,
    scale: Annotated[str | None, typer.Option(help="Scale of the label, such as phq9.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="A column not to judge.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look for what leaks the label into flat tables; exit code 3 if something does. 检查标签泄漏。

    Example: lantern dataset check --table train.csv --valid valid.csv --id id --label y
    """
    words = ["--table", str(table), "--id", id_, "--label", label]
    named = {"--valid": valid, "--test": test, "--group": group, "--time": time}
    named |= {"--label-time": label_time, "--scale": scale}
    words += [word for name, value in named.items() if value for word in (name, str(value))]
    words += [word for name in allow or () for word in ("--allow", name)]
    _answer(["check", *words], as_json=as_json)


def _pseudonym_key() -> dict[str, str]:
    """Return the home's key and its id where the environment has none; no other key leaves."""
    if _PSEUDONYM_KEY in os.environ or not (context().home / "credentials.json").exists():
        return {}
    keys = context().credentials.keys
    return {name: keys[name] for name in (_PSEUDONYM_KEY, f"{_PSEUDONYM_KEY}_ID") if name in keys}


def _answer(
    words: Sequence[str], variables: Mapping[str, str] | None = None, *, as_json: bool
) -> None:
    """Run the module with this very interpreter, which has the drivers of the databases."""
    text = started(
        [*words, *(["--json"] if as_json else [])],
        module="training.dataset",
        python=Path(sys.executable),
        variables=variables,
    )
    sys.stdout.write(text)
