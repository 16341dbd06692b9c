"""`lantern up`: the services for real use, in one process or each in its own."""

import asyncio
import importlib
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from cli import run_files
from cli.broker import ensure_broker
from cli.context import SERVICES, Context, context
from cli.language import say
from cli.output import err, fail
from cli.prechecks import refuse_what_cannot_start
from cli.readiness import wait_until_ready
from cli.supervisor import Supervisor
from shared import lifecycle
from shared.kernel.errors import ConfigError, UnavailableError
from shared.lifecycle import Service
from shared.observability import logging
from shared.settings import load

READY_BUDGET_S = 90.0
REPLAYING = {
    "LANTERN_INGEST_TICKS": "event",
    "LANTERN_INGEST_TICK_INTERVAL_S": "86400",
    "LANTERN_INGEST_MAX_FUTURE_S": "none",
    "LANTERN_FEATURES_FLUSH": "ticks",
    "LANTERN_ALERTS_SEND": "off",
}
"""Time comes from the events alone, and nobody is written to about a term that is over."""

Processes = Annotated[
    bool, typer.Option("--processes", help="Each service in its own process, restarted if it dies.")
]
Replay = Annotated[
    bool,
    typer.Option("--replay", help="Time comes from the events, and no message goes to anybody."),
]


def up(*, processes: Processes = False, replay: Replay = False) -> None:
    """Start the broker (unless one is named) and all services. 启动全部服务。

    Ctrl-C stops the services; the broker stays until `lantern kafka down`.

    Days pass with the clock, so events of an old term come too late. To replay one, start a fresh
    home with --replay: days pass with the events, and equal files give equal `lantern state
    digest`.

    Example: LANTERN_HOME=/tmp/term lantern up --processes --replay
    """
    here = context()
    refuse_a_second_start(here)
    more = replaying() if replay else {}
    refuse_what_cannot_start(here, more)
    ensure_broker(here)
    if processes:
        with supervised(here, **more) as supervisor:
            announce(here)
            wait_for_stop(supervisor)
        return
    raise typer.Exit(_in_one_process(here, more))


def replaying() -> dict[str, str]:
    """Return the services' variables for a replay; what is set in the environment wins."""
    return {name: os.environ.get(name, value) for name, value in REPLAYING.items()}


def refuse_a_second_start(here: Context) -> None:
    """End when services of this home folder run already: two writers would fight."""
    alive = [name for name, run in run_files.read(here.home).items() if run.is_alive()]
    if alive:
        fail(
            say(
                f"already running here: {', '.join(alive)} (see `lantern ps`)",
                f"本目录已有服务在运行:{'、'.join(alive)}(见 `lantern ps`)",
            ),
            code=2,
        )


def _in_one_process(here: Context, more: Mapping[str, str]) -> int:
    os.environ.update({**here.environment(), **more})
    logging.configure(here.settings.log_level, here.settings.log_format)
    for service in SERVICES:
        run_files.write(here.home, service, os.getpid(), here.port(service))
    announcer = threading.Thread(target=_announce_when_ready, args=(here,), daemon=True)
    announcer.start()
    try:
        return lifecycle.run(_build_all)
    finally:
        for service in SERVICES:
            run_files.remove(here.home, service)


def _build_all() -> list[Service]:
    built = []
    for service in SERVICES:
        main = importlib.import_module(f"{service}.main")
        built.append(main.build(load(main.Settings)))
    return built


def _announce_when_ready(here: Context) -> None:
    try:
        asyncio.run(wait_until_ready(here, SERVICES, READY_BUDGET_S))
    except UnavailableError as error:
        err.print(f"lantern: {error}", style="red", markup=False)
        return
    announce(here)


@contextmanager
def supervised(here: Context, **more: str) -> Iterator[Supervisor]:
    """Run all services as processes, ready when the block begins, stopped when it ends.

    `more` are extra environment variables of the services.
    """
    ports = {service: here.port(service) for service in SERVICES}
    environment = {**here.environment(), **more}
    supervisor = Supervisor(here.home, environment, ports, notice=err.print)
    supervisor.start()
    try:
        err.print(say("starting the services …", "正在启动各服务 …"))
        _wait_until_ready(here, supervisor)
        yield supervisor
    finally:
        err.print(say("stopping …", "正在停止 …"))
        supervisor.stop()


def _wait_until_ready(here: Context, supervisor: Supervisor) -> None:
    waited = 0.0
    while True:
        supervisor.watch()
        try:
            asyncio.run(wait_until_ready(here, SERVICES, 1.0))
        except UnavailableError as error:
            waited += 1.0
            if waited > READY_BUDGET_S:
                raise ConfigError("services", f"{error}; see {here.home / 'log'}") from error
        else:
            return


def wait_for_stop(supervisor: Supervisor) -> None:
    """Watch the children until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.3):
        supervisor.watch()


def announce(here: Context) -> None:
    """Say where to look."""
    token = here.token("local-officer", ("school_officer",), ttl_s=12 * 3600)
    err.print(say("Lantern is up. Where to look:", "Lantern 已启动,可打开:"), style="bold green")
    err.print(
        f"  {say('alerts, live', '预警实时页')}  {here.url('alerts')}/#token={token}",
        soft_wrap=True,
    )
    for service in SERVICES:
        err.print(f"  {service:<10} {here.url(service)}/docs", highlight=False)
