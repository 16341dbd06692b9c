"""`lantern kafka up|down|status`: the local Apache Kafka of this installation."""

from dataclasses import asdict
from typing import Any

import typer

from cli.broker import ensure_broker, local_broker
from cli.context import Context, context
from cli.language import say
from cli.output import AsJson, emit, err, fail, out

app = typer.Typer(
    help="The local Apache Kafka: start it, stop it, ask for it. 本机 Kafka 的启动、停止与状态。",
    no_args_is_help=True,
)


@app.command()
def up(*, as_json: AsJson = False) -> None:
    """Fetch, format and start Apache Kafka, make the topics, return once it serves. 启动 Kafka。

    Example: lantern kafka up
    """
    here = context()
    ensure_broker(here)
    _report(here, as_json=as_json)


@app.command()
def down(*, as_json: AsJson = False) -> None:
    """Stop the broker that `up` started; nothing else is touched. 停止 Kafka。

    Example: lantern kafka down
    """
    here = context()
    if here.brings_own_kafka:
        fail(_foreign(here), code=2)
    was_running = local_broker(here).down()
    if as_json:
        emit({"stopped": was_running})
    else:
        err.print(say("stopped", "已停止") if was_running else say("was not running", "未在运行"))


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Say whether the broker runs, where, and where its files are. 查看状态。

    Example: lantern kafka status --json
    """
    _report(context(), as_json=as_json)


def _report(here: Context, *, as_json: bool) -> None:
    document: dict[str, Any]
    if here.brings_own_kafka:
        document = {"managed": False, "bootstrap_servers": here.bootstrap_servers}
    else:
        document = {"managed": True, **asdict(local_broker(here).status())}
    if as_json:
        emit(document)
        return
    for name, value in document.items():
        out.print(f"{name:18} {value}", highlight=False)


def _foreign(here: Context) -> str:
    return say(
        f"the broker {here.bootstrap_servers} was not started by lantern; stop it where it runs",
        f"Kafka（{here.bootstrap_servers}）不是由 lantern 启动的，请在其所在处停止",
    )
