"""The `lantern` command: joins the command groups."""

import sys

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
from cli.language import say
from shared.kernel.errors import ConfigError, LanternError, UnavailableError

app = typer.Typer(
    name="lantern",
    help="Campus events become early, explainable, humane help. 校园事件流预警与关怀系统。\n\n"
    "Begin with `lantern doctor`, then `lantern demo`. Settings are variables LANTERN_*.\n\n"
    "Example: lantern up --processes",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
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
    """Run the command; what a person can mend is one line, not a trace."""
    try:
        app()
    except ConfigError as error:
        print(f"lantern: cannot start: {error}", file=sys.stderr)  # noqa: T201 - for a person
        sys.exit(2)
    except UnavailableError as error:
        hint = say(
            "is it running? `lantern ps` says what is, `lantern up` starts the services",
            "服务是否在运行?`lantern ps` 查看,`lantern up` 启动",
        )
        print(f"lantern: {error}; {hint}", file=sys.stderr)  # noqa: T201 - for a person
        sys.exit(1)
    except LanternError as error:
        print(f"lantern: {error}", file=sys.stderr)  # noqa: T201 - for a person
        sys.exit(1)


if __name__ == "__main__":
    main()
