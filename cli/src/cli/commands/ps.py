"""`lantern ps`: what runs here."""

import asyncio

import typer

from cli import run_files
from cli.context import SERVICES, Context, context
from cli.language import say
from cli.output import AsJson, emit, err, table
from cli.readiness import condition


def ps(*, as_json: AsJson = False) -> None:
    """Say what runs: service, process, port, health, lag. 显示各服务的运行情况。

    Exit code 0 when every service is ready, 1 when one is away or not ready; a script may wait for
    it.

    Example: until lantern ps; do sleep 1; done
    """
    found = asyncio.run(_look(context()))
    if as_json:
        emit({"services": found})
    else:
        _print(found)
    if any(entry["health"] != "ready" for entry in found):
        raise typer.Exit(1)


def _print(found: list[dict[str, object]]) -> None:
    columns = (
        say("service", "服务"),
        say("process", "进程"),
        say("port", "端口"),
        say("health", "状态"),
        say("lag", "积压"),
        "",
    )
    keys = ("service", "pid", "port", "health", "lag", "detail")
    table("Lantern", columns, [[entry[key] for key in keys] for entry in found])
    if all(entry["health"] == "away" for entry in found):
        err.print(say("nothing runs; `lantern up` starts it", "无服务运行；`lantern up` 启动"))


async def _look(here: Context) -> list[dict[str, object]]:
    known = run_files.read(here.home)
    conditions = await asyncio.gather(*(condition(here, service) for service in SERVICES))
    found: list[dict[str, object]] = []
    for service, seen in zip(SERVICES, conditions, strict=True):
        run = known.get(service)
        pid = run.pid if run and run.is_alive() else None
        entry = {"service": service, "pid": pid, "port": here.port(service)}
        found.append({**entry, "health": seen.health, "lag": seen.lag, "detail": seen.detail})
    return found
