"""The `lantern` command: joins the command groups."""

from importlib.metadata import version
from typing import Annotated

import typer

from cli.commands import (
    alerts,
    dataset,
    dead,
    demo,
    directory,
    doctor,
    feeds,
    kafka,
    model_performance,
    model_report,
    model_serving,
    ps,
    replay,
    simulate,
    state,
    up,
)
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


app.command()(demo.demo)
app.command()(up.up)
app.command()(ps.ps)
app.command()(doctor.doctor)
app.command()(replay.replay)
app.add_typer(kafka.app, name="kafka")
app.add_typer(feeds.app, name="feeds")
app.add_typer(dead.app, name="dead")
app.add_typer(directory.app, name="directory")
app.add_typer(directory.identity_app, name="identity")
app.add_typer(directory.audit_app, name="audit")
app.add_typer(alerts.app, name="alerts")
app.add_typer(alerts.policy_app, name="policy")
app.add_typer(state.app, name="state")
model_serving.add_to(model_report.app)
model_performance.add_to(model_report.app)
app.add_typer(model_report.app, name="model")  # with the commands of `model`
app.add_typer(dataset.app, name="dataset")
app.add_typer(simulate.app, name="simulate")


def main() -> None:
    """Run the command; what a person can mend is a line or two, not a trace."""
    app()


if __name__ == "__main__":
    main()
