"""`lantern ps`: what runs here."""

import asyncio

import typer

from cli import run_files
from cli.context import SERVICES, Context, context
from cli.language import say
from cli.output import AsJson, emit, table, warn
from cli.readiness import Condition, own_condition, remedy_for_taken


def ps(*, as_json: AsJson = False) -> None:
    """Say what runs: service, process, port, health, lag. 显示各服务的运行情况。

    Exit code 0 when every service is ready, 1 when one is away or not ready; a script may wait for
    it.

    Example: until lantern ps; do sleep 1; done
    """
    here = context()
    seen = asyncio.run(_look(here))
    started = run_files.read(here.home)
    found = [_entry(here, service, started.get(service), each) for service, each in seen.items()]
    if as_json:
        emit({"services": found})
    else:
        _print(found)
    if any(each.is_taken for each in seen.values()):
        warn(remedy_for_taken())
    elif all(each.health == "away" for each in seen.values()):
        warn(say("nothing runs; `lantern up` starts it", "无服务运行；`lantern up` 启动"))
    if any(each.health != "ready" for each in seen.values()):
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


async def _look(here: Context) -> dict[str, Condition]:
    seen = await asyncio.gather(*(own_condition(here, service) for service in SERVICES))
    return dict(zip(SERVICES, seen, strict=True))


def _entry(
    here: Context, service: str, run: run_files.Running | None, seen: Condition
) -> dict[str, object]:
    pid = run.pid if run and run.is_alive() else None
    entry = {"service": service, "pid": pid, "port": here.port(service)}
    return {**entry, "health": seen.health, "lag": seen.lag, "detail": seen.detail}
