"""The root of all commands: it imports one when it is named, and tells errors once for all."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.commands import COMMANDS
from cli.errors import as_document, exit_code, sentences
from cli.output import complain, emit
from shared.kernel.errors import LanternError


class Lazy(TyperCommand):
    """A command as help lists it; the services that the real one brings along take seconds."""

    def __init__(self, name: str, place: str, words: str) -> None:
        super().__init__(name=name, help=words)
        self._place = place

    def real(self) -> Any:  # noqa: ANN401 - a group or a command of the library
        """Import the command and return it."""
        module, _, attribute = self._place.partition(":")
        found = getattr(import_module(f"cli.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            real: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(found)
            real = typer.main.get_command(alone)
        real.name = self.name
        return real


class Lantern(TyperGroup):
    """Ends a command that failed with lines on standard error instead of a trace.

    Under `--json` standard output holds one document then too: `{"error": {"code", "detail", …}}`.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (place, words) in COMMANDS.items():
            self.commands.setdefault(name, Lazy(name, place, words))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as its base is
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.real() if isinstance(command, Lazy) else command, rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as its base is
        is_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as raised:
            error = _first(raised)
            if is_json:
                emit(_document(error))
            if not isinstance(error, LanternError):
                raise
            complain(sentences(error))
            raise typer.Exit(exit_code(error)) from error


def _first(raised: Exception) -> Exception:
    """Return what was raised on purpose, out of the groups in which tasks have wrapped it."""
    if isinstance(raised, ExceptionGroup):
        inner = map(_first, raised.exceptions)
        return next((each for each in inner if isinstance(each, LanternError)), raised)
    return raised


def _document(error: Exception) -> dict[str, Any]:
    """Return an error for programs; the library's own are of a command line that is wrong."""
    told = getattr(error, "format_message", None)
    if told is not None:
        return {"error": {"code": "bad_usage", "detail": told()}}
    return as_document(error)
