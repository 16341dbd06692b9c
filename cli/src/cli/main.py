"""The `lantern` command; `cli.commands` names what it can do."""

from importlib.metadata import version
from typing import Annotated

import typer

from cli.group import Lantern

app = typer.Typer(
    name="lantern",
    cls=Lantern,
    help="Campus events become early, explainable, humane help. 校园事件流预警与关怀系统。\n\n"
    "Begin with `lantern doctor`, then `lantern demo`. Settings are variables LANTERN_*.\n\n"
    "Example: lantern up --processes",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _tell_version(*, wanted: bool) -> None:
    if wanted:
        print(f"lantern {version('lantern-cli')}")  # noqa: T201 - what was asked for
        raise typer.Exit


@app.callback()
def common(
    *,
    wanted: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _tell_version(wanted=wanted),
            is_eager=True,
            help="Say which version this is. 显示版本。",
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command; what a person can mend is a line or two, not a trace."""
    app()


if __name__ == "__main__":
    main()
