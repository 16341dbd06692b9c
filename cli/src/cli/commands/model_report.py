"""`lantern model evaluate`: the honest report of a bundle; the training makes it, apart."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import model_tables
from cli.commands.model_bundles import Folder, Trusted
from cli.commands.model_tables import Csv, IdColumn
from cli.output import AsJson
from cli.training_process import started

app = model_tables.app  # one group, whose commands stand in three modules


class Data(StrEnum):
    """What the rows are, which decides what the report must say of them."""

    table = "table"
    campus = "campus"
    simulated = "simulated"


@app.command()
def evaluate(  # noqa: PLR0913 - each is an option of the command
    bundle: Folder,
    *,
    table: Csv,
    id_column: IdColumn,
    label: Annotated[str, typer.Option(help="The column of the two labels.")],
    out: Annotated[Path, typer.Option(help="Folder of report.json and report.html.")],
    group: Annotated[
        str | None, typer.Option(help="The column of the student; whole students are drawn.")
    ] = None,
    week: Annotated[
        str | None, typer.Option(help="The column of the week; each has its own alert budget.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="A column to show by, such as college; repeatable.")
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE of id,probability by another model; repeatable."),
    ] = None,
    level: Annotated[
        list[str] | None, typer.Option(help="NAME=PROBABILITY where a level begins; repeatable.")
    ] = None,
    data: Annotated[Data, typer.Option(help="What the rows are.")] = Data.table,
    budget: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Share of students alerted a week.")
    ] = 0.015,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    trusted: Trusted = None,
    as_json: AsJson = False,
) -> None:
    """Judge a bundle on a labelled table, honestly. 用带标签的表格检验模型。

    Example: lantern model evaluate bundle --table test.csv --id id --label y --out report
    """
    words = [str(bundle), "--table", str(table), "--id", id_column, "--label", label]
    words += ["--out", str(out), "--data", data.value, "--budget", str(budget), "--seed", str(seed)]
    single = {"--group": group, "--week": week, "--trusted": trusted}
    words += [w for name, value in single.items() if value is not None for w in (name, str(value))]
    several = {"--by": by, "--baseline": baseline, "--level": level}
    words += [w for name, values in several.items() for one in values or () for w in (name, one)]
    words += ["--json"] if as_json else []
    sys.stdout.write(started(["evaluate", *words], needs_torch=True))
