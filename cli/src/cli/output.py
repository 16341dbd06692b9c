"""One document on standard output for programs; tables and progress for people.

A command that reports something takes `--json`; then standard output holds one JSON document and
nothing else, and progress goes to standard error. What is printed is never cut: a pipe is as wide
as its lines, and a table that a terminal is too narrow for becomes a list.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console, ConsoleDimensions
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from cli.errors import CommandError

_UNLIMITED = 10_000
TELL_EVERY_S = 10.0


class _Screen(Console):
    """A console that wraps lines where somebody looks at it, and nowhere else."""

    @property
    def size(self) -> ConsoleDimensions:
        size = super().size
        narrow = self.is_terminal or os.environ.get("COLUMNS")
        return size if narrow else ConsoleDimensions(_UNLIMITED, size.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self._width, self._height = new_size


out = _Screen()
err = _Screen(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def emit(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document to standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for a person; words are whole, however narrow the terminal."""
    texts = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    endless = out.options.update(width=_UNLIMITED)
    out.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    for frame in (Table(), Table(box=None, pad_edge=False)):  # the second where the first is wide
        grid = _filled(frame, columns, texts)
        if Measurement.get(out, endless, grid).minimum <= out.width:
            out.print(grid)
            return
    _print_list(columns, texts)


def _filled(grid: Table, columns: Sequence[str], texts: Sequence[Sequence[str]]) -> Table:
    for number, column in enumerate(columns):
        is_prose = any(" " in row[number] for row in texts)
        grid.add_column(column, no_wrap=not is_prose, overflow="fold")
    for row in texts:
        grid.add_row(*row)
    return grid


def _print_list(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    """Print each row as lines of `column  value`; the terminal itself wraps what is long."""
    for row in texts:
        out.print("─" * out.width, style="dim")
        for column, text in zip(columns, row, strict=True):
            out.print(f"{column}  {text}".strip(), markup=False, highlight=False, soft_wrap=True)


class _Lines(Progress):
    """Progress as plain lines, one a task every ten seconds, where nobody watches a bar move."""

    def __init__(self) -> None:
        super().__init__(console=err, disable=True)
        self._told: dict[int, float] = {}

    def update(self, task_id: TaskID, **more: Any) -> None:
        super().update(task_id, **more)
        self._tell(task_id)

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        super().advance(task_id, advance)
        self._tell(task_id)

    def stop(self) -> None:
        for task in self.tasks:
            _print_plain(_state_of(task))

    def _tell(self, task_id: TaskID) -> None:
        now = time.monotonic()
        if now - self._told.setdefault(task_id, 0.0) >= TELL_EVERY_S:
            self._told[task_id] = now
            _print_plain(_state_of(next(t for t in self.tasks if t.id == task_id)))


def _state_of(task: Task) -> str:
    of = "" if task.total is None else f"/{task.total:g}"
    return f"{task.description} {task.completed:g}{of}"


def _print_plain(text: str) -> None:
    err.print(text, markup=False, highlight=False, soft_wrap=True)


def progress() -> Progress:
    """Return a progress bar on standard error; plain lines when it is not a terminal."""
    if not err.is_terminal:
        return _Lines()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=False,
    )


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], None]]:
    """Say on standard error what is being done; the block may call what it gets to say more.

    A moving sign in a terminal, a line for each word where nobody watches.
    """
    if err.is_terminal:
        with err.status(text) as status:
            yield status.update
    else:
        _print_plain(text)
        yield _print_plain


def warn(message: str) -> None:
    """Say on standard error what somebody should know; commands in it can be copied whole."""
    err.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message and a code (1 failed, 2 bad usage or set-up)."""
    raise CommandError(message, code)


def complain(lines: Sequence[str]) -> None:
    """Say on standard error what is wrong."""
    text = "\n".join(lines)
    err.print(f"lantern: {text}", style="red", markup=False, highlight=False, soft_wrap=True)
