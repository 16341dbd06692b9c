"""Life of a process: one task group of workers, jobs and HTTP servers; the first to fail ends all.

A service's `main.py` has `build` and `main = service_main("<service>", Settings, build)`.
Exit codes: 0 asked to stop, 1 the loop died, 2 bad configuration.
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from shared.kernel.errors import ConfigError, LanternError
from shared.observability.logging import configure, get_logger
from shared.settings import CommonSettings, load

log = get_logger("lifecycle")
S = TypeVar("S", bound=CommonSettings)
Runner = Callable[[asyncio.Event], Awaitable[None]]


COLLECT_AFTER = (50_000, 20, 100)
"""Allocations before the collector looks: the default 700 walks every batch of records many times
over (5 % of the features' time while catching up, measured), though next to nothing is cyclic."""


@dataclass
class Service:
    """A built service: `main.build(settings)` returns one, and nothing runs before `run`.

    `resources` are entered in order before the runners start and left in reverse after they ended;
    each runner takes the stop event and returns soon after it is set.
    """

    name: str
    host: str
    port: int
    app: FastAPI
    resources: Sequence[Callable[[], contextlib.AbstractAsyncContextManager[object]]] = ()
    runners: dict[str, Runner] = field(default_factory=dict)
    max_body_bytes: int = 16 * 1024 * 1024


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has one owner of signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(services: Sequence[Service], stop: asyncio.Event) -> None:
    """Run services until `stop` is set or one of their parts fails (the failure is raised)."""
    async with AsyncExitStack() as stack:
        listeners = [stack.enter_context(listen(s.name, s.host, s.port)) for s in services]
        for service in services:
            for resource in service.resources:
                await stack.enter_async_context(resource())
        async with asyncio.TaskGroup() as group:
            for service, listener in zip(services, listeners, strict=True):
                group.create_task(_http(service, listener, stop), name=f"{service.name}.http")
                for name, runner in service.runners.items():
                    group.create_task(
                        _until_stopped(runner, stop, f"{service.name}.{name}"),
                        name=f"{service.name}.{name}",
                    )
        log.info("process.stopped")


async def _until_stopped(runner: Runner, stop: asyncio.Event, name: str) -> None:
    await runner(stop)
    if not stop.is_set():
        raise LanternError(f"{name} ended by itself")


async def _http(service: Service, listener: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        service.app,
        http="h11",  # httptools bounds no header, and drops the body of a request to upgrade (h2c)
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        lifespan="off",
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        server.should_exit = True
        await serving
    if not stop.is_set():
        raise LanternError(f"{service.name}: the HTTP server ended by itself")


def listen(service: str, host: str, port: int) -> socket.socket:
    """Take a service's port before anything else starts.

    Raises:
        ConfigError: the port is taken, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        where = f"{service}, {host}:{port}"
        raise ConfigError(where, f"cannot listen: {error.strerror}") from error


@asynccontextmanager
async def stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """Yield an event that SIGINT and SIGTERM set; the handler does nothing else."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _serve_until_signalled(services: Sequence[Service]) -> None:
    async with stop_on_signals() as stop:
        await serve(services, stop)


def service_main(name: str, kind: type[S], build: Callable[[S], Service]) -> Callable[[], int]:
    """Return a service's `main`: it reads settings and the command line, and runs until a signal.

    With `--check` everything is built, nothing connects, and 0 or 2 is returned.
    """

    def configured() -> list[Service]:
        settings = load(kind)
        configure(settings.log_level, settings.log_format)
        return [build(settings)]

    def main() -> int:
        parser = argparse.ArgumentParser(prog=name, description=f"Run {name} until a signal.")
        parser.add_argument("--check", action="store_true", help="build all, connect to nothing")
        return run(configured, is_check=parser.parse_args().check)

    return main


def run(build: Callable[[], Sequence[Service]], *, is_check: bool = False) -> int:
    """Build services and, unless it is a check, run them in this process; return the exit code."""
    try:
        services = build()
        if not is_check:
            gc.set_threshold(*COLLECT_AFTER)
            asyncio.run(_serve_until_signalled(services))
    except Exception as error:
        refusal = _bad_configuration(error)
        if refusal is None:
            log.exception("process.died")
            return 1
        print(f"lantern: cannot start: {refusal}", file=sys.stderr)  # noqa: T201 - for a person
        return 2
    return 0


def _bad_configuration(error: BaseException) -> ConfigError | None:
    """Return the first ConfigError of a failure, which a task group has wrapped in groups."""
    if isinstance(error, BaseExceptionGroup):
        found = map(_bad_configuration, error.exceptions)
        return next((each for each in found if each is not None), None)
    return error if isinstance(error, ConfigError) else None
