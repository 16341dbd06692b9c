"""One document on standard output for programs; tables and progress for people.

A command that reports something takes `--json`; then standard output holds one JSON document and
nothing else, and progress goes to standard error.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def emit(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document to standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for a person."""
    grid = Table(title=title, title_justify="left")
    for column in columns:
        grid.add_column(column)
    for row in rows:
        grid.add_row(*("–" if cell is None else str(cell) for cell in row))
    out.print(grid)


def progress() -> Progress:
    """Return a progress bar on standard error; plain lines when it is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=False,
    )


def fail(message: str, code: int = 1) -> NoReturn:
    """Say what is wrong on standard error and end with a code (1 failed, 2 bad usage or set-up)."""
    err.print(f"lantern: {message}", style="red", markup=False, highlight=False)
    raise typer.Exit(code)
