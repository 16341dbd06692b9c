"""`lantern model train|predict|compare|card|export`: start the training, a program apart."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import model_bundles
from cli.commands.model_bundles import Folder, Trusted
from cli.output import AsJson
from cli.training_process import started

app = model_bundles.app
Csv = Annotated[Path, typer.Option(exists=True, dir_okay=False, help="A CSV file with a header.")]
IdColumn = Annotated[str, typer.Option("--id", help="The column that names a row.")]


class Loss(StrEnum):
    """What is minimised."""

    log = "log"
    weighted = "weighted"
    focal = "focal"


class Activation(StrEnum):
    """The classical forms and the modern one."""

    sigmoid = "sigmoid"
    tanh = "tanh"
    silu = "silu"


@app.command()
def train(  # noqa: PLR0913 - each is an option of the command
    *,
    table: Csv,
    valid: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV to judge on.")],
    id_column: IdColumn,
    label: Annotated[str, typer.Option(help="The column of two values to be predicted.")],
    out: Annotated[Path, typer.Option(help="The bundle's folder.")],
    group: Annotated[
        str | None, typer.Option(help="Rows of one value stay together, such as a student's.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="A column of times; folds become blocks of time.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The model's title.")] = None,
    key: Annotated[Path | None, typer.Option(help="A private key to sign with.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bits.")] = 2026,
    budget: Annotated[int, typer.Option(min=1, help="How many settings are tried.")] = 6,
    folds: Annotated[int, typer.Option(min=2, help="Parts for cross-validation.")] = 5,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to compute with; all cores, four at most.")
    ] = None,
    loss: Annotated[Loss, typer.Option(help="Plain, with class weights, or focal.")] = Loss.log,
    hidden: Annotated[int | None, typer.Option(help="Units of the first hidden layer.")] = None,
    second: Annotated[int | None, typer.Option(help="Units of the second; 0 for none.")] = None,
    activation: Annotated[
        Activation | None, typer.Option(help="Of the hidden units; sigmoid is the classical form.")
    ] = None,
    no_teacher: Annotated[
        bool, typer.Option("--no-teacher", help="Learn from the labels alone.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A column that may settle the label, or whose ids may be on both sides."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a network on a table and judge it beside its baselines. 用表格训练网络并与基线比较。

    Exit code 3 names columns that alone settle the label, and ids on both sides: nothing is
    trained. The bundle holds report.html and report.json, the same as `evaluate` writes.

    Example: lantern model train --table train.csv --valid valid.csv --id id --label y --out bundle
    """
    words = _words(
        table=table, valid=valid, id=id_column, label=label, out=out, group=group, time=time,
        name=name, key=key, seed=seed, budget=budget, folds=folds, threads=threads,
        loss=loss.value, hidden=hidden, second=second,
        activation=activation.value if activation else None,
    )  # fmt: skip
    words += ["--no-teacher"] if no_teacher else []
    words += [word for column in allow or () for word in ("--allow", column)]
    _answer(started(["train", *words, *_json(as_json=as_json)], needs_torch=True))


@app.command()
def predict(
    bundle: Folder,
    *,
    table: Csv,
    id_column: IdColumn,
    out: Annotated[Path, typer.Option(help="The CSV to write: id,probability.")],
    trusted: Annotated[
        Path | None, typer.Option(help="A file of trusted keys; then a signature is needed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a table with a table's bundle; needs no torch. 用模型包给表格打分,不需要 torch。

    Example: lantern model predict bundle --table test.csv --id id --out scores.csv
    """
    words = _words(table=table, id=id_column, out=out, trusted=trusted)
    _answer(started(["predict", str(bundle), *words, *_json(as_json=as_json)]))


@app.command()
def compare(
    bundles: Annotated[
        list[Path], typer.Argument(exists=True, file_okay=False, help="Folders of bundles.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Show the figures of tables' bundles side by side. 并列显示多个模型包的指标。

    Example: lantern model compare bundle other-bundle
    """
    _answer(started(["compare", *map(str, bundles), *_json(as_json=as_json)]))


@app.command()
def card(bundle: Folder, *, as_json: AsJson = False) -> None:
    """Print the card of a table's bundle. 显示表格模型包的说明卡。

    Example: lantern model card bundle
    """
    _answer(started(["card", str(bundle), *_json(as_json=as_json)]))


@app.command()
def export(
    bundle: Folder,
    *,
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")],
    trusted: Trusted = None,
    as_json: AsJson = False,
) -> None:
    """Verify a table's bundle and copy its ONNX file. 校验表格模型包并导出 ONNX 文件。

    Example: lantern model export bundle --out model.onnx
    """
    words = _words(out=out, trusted=trusted)
    _answer(started(["export", str(bundle), *words, *_json(as_json=as_json)]))


def _words(**options: object) -> list[str]:
    """Return options as they are typed; what is not given is left to the training."""
    given = {name: value for name, value in options.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name}", str(value))]


def _json(*, as_json: bool) -> list[str]:
    return ["--json"] if as_json else []


def _answer(text: str) -> None:
    sys.stdout.write(text)
