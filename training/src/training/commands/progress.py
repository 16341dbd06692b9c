"""Progress on standard error: bars for a person, lines now and then for a log."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Told:
    """A `tell(stage, done, total)` that draws; used as a context."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=quiet or not sys.stderr.isatty(),
        )
        self._quiet = quiet
        self._task: tuple[str, int] | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        head = stage.partition(",")[0]
        if self._task is None or self._task[0] != head:
            self._task = head, int(self._bars.add_task(stage, total=total))
            if self._bars.disable and not self._quiet:
                print(stage, file=sys.stderr, flush=True)
        self._bars.update(self._bars.task_ids[-1], completed=done, total=total, description=stage)
