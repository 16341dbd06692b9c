"""Life of a process: the first part to fail ends all, a stop ends in order."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from shared import lifecycle
from shared.kernel.errors import ConfigError, LanternError
from shared.lifecycle import Runner, Service
from shared.settings import ServiceSettings
from shared.web.client import HttpClient


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def a_service(port: int, events: list[str], runner: Runner) -> Service:
    """Return a service that notes when its resource opens and closes."""

    @asynccontextmanager
    async def resource() -> AsyncIterator[None]:
        events.append("open")
        try:
            yield
        finally:
            events.append("close")

    app = FastAPI(openapi_url=None)

    @app.get("/ping")
    async def ping() -> str:
        return "pong"

    return Service("test", "127.0.0.1", port, app, (resource,), {"worker": runner})


async def test_a_stop_ends_runners_then_resources() -> None:
    """When asked to stop, HTTP answered before, and the resource closes last."""
    events: list[str] = []
    port, stop = free_port(), asyncio.Event()

    async def runner(stop: asyncio.Event) -> None:
        async with HttpClient(f"http://127.0.0.1:{port}") as client:
            await until_answered(client)
        events.append("answered")
        stop.set()
        events.append("ended")

    await lifecycle.serve([a_service(port, events, runner)], stop)
    assert events == ["open", "answered", "ended", "close"]


async def until_answered(client: HttpClient) -> None:
    """Return once the service answers; the test's time-out bounds it."""
    while True:
        try:
            assert (await client.get("/ping")).status_code == 200
        except LanternError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_runner_that_ends_by_itself_ends_the_process() -> None:
    """A worker that stops without being asked is a failure, and resources still close."""
    events: list[str] = []

    async def runner(_stop: asyncio.Event) -> None:
        await asyncio.sleep(0.3)

    with pytest.raises(ExceptionGroup) as caught:
        await lifecycle.serve([a_service(free_port(), events, runner)], asyncio.Event())
    assert "ended by itself" in str(caught.value.exceptions[0])
    assert events == ["open", "close"]


def test_bad_configuration_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A ConfigError while building is one readable line."""

    def build() -> list[Service]:
        raise ConfigError("LANTERN_X", "is not set")

    assert lifecycle.run(build) == 2
    assert "LANTERN_X: is not set" in capsys.readouterr().err


def test_a_runner_that_finds_bad_configuration_is_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What only a running part can find out is one readable line too, without a traceback."""
    events: list[str] = []

    async def runner(_stop: asyncio.Event) -> None:
        raise ConfigError("topic campus.events.v1", "has 2 partitions")

    assert lifecycle.run(lambda: [a_service(free_port(), events, runner)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["lantern: cannot start: topic campus.events.v1: has 2 partitions"]
    assert events == ["open", "close"]


def test_a_runner_that_dies_is_exit_code_1() -> None:
    """Any other failure of a runner is not the configuration's."""

    async def runner(_stop: asyncio.Event) -> None:
        raise LanternError("gone")

    assert lifecycle.run(lambda: [a_service(free_port(), [], runner)]) == 1


class SomeSettings(ServiceSettings):
    """Settings of a service that does nothing."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_SOME_", frozen=True)
    port: int = 1


def test_a_check_builds_and_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` reads the settings and builds the service, whose runner never runs."""
    events: list[str] = []
    built: list[int] = []

    async def runner(_stop: asyncio.Event) -> None:
        events.append("ran")

    def build(settings: SomeSettings) -> Service:
        built.append(settings.port)
        return a_service(settings.port, events, runner)

    monkeypatch.setattr(sys, "argv", ["some", "--check"])
    assert lifecycle.service_main("some", SomeSettings, build)() == 0
    assert (built, events) == ([1], [])


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_main_names_the_setting_at_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A bad variable is one line and exit code 2, with and without `--check`."""

    def build(_settings: SomeSettings) -> Service:
        raise AssertionError

    monkeypatch.setenv("LANTERN_SOME_PORT", "many")
    monkeypatch.setattr(sys, "argv", ["some", *arguments])
    assert lifecycle.service_main("some", SomeSettings, build)() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lantern: cannot start: settings: LANTERN_SOME_PORT: ")


async def test_a_taken_port_is_bad_configuration() -> None:
    """Nothing opens, and the error names service and port."""
    events: list[str] = []

    async def runner(stop: asyncio.Event) -> None:
        await stop.wait()

    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ConfigError, match=f"test, 127.0.0.1:{port}: cannot listen"):
            await lifecycle.serve([a_service(port, events, runner)], asyncio.Event())
    assert events == []
