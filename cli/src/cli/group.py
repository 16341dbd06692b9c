"""The root of all commands: an error is told here, once, to people and to programs."""

from typing import Any

import typer
from typer.core import TyperGroup

from cli.errors import as_document, exit_code, sentences
from cli.output import complain, emit
from shared.kernel.errors import LanternError


class Lantern(TyperGroup):
    """Ends a command that failed with lines on standard error instead of a trace.

    Under `--json` standard output holds one document then too: `{"error": {"code", "detail", …}}`.
    """

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
