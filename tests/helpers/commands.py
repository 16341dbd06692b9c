"""Every command of `lantern`, as its tests walk over them."""

from collections.abc import Iterator
from typing import Any

import typer

from cli.group import Lazy
from cli.main import app


def leaves(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its words."""
    command = command if command is not None else typer.main.get_command(app)
    command = command.real() if isinstance(command, Lazy) else command
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
    else:
        for name, each in inner.items():
            yield from leaves(each, (*path, name))
