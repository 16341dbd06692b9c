"""What `lantern up` looks at before it starts a broker, and what it says."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from cli.context import Context, context
from cli.credentials import make_home
from cli.prechecks import refuse_what_cannot_start
from cli.readiness import condition
from shared.kernel.errors import ConfigError

PAGE = b"<!DOCTYPE HTML>"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", "21000")
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    return context()


def test_a_bad_setting_of_any_service_is_named(
    here: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is said, and the environment is as it was."""
    monkeypatch.setenv("LANTERN_INGEST_DEDUP_DAYS", "x")
    before = dict(os.environ)
    with pytest.raises(ConfigError, match="LANTERN_INGEST_DEDUP_DAYS"):
        refuse_what_cannot_start(here, {"LANTERN_ONLY_HERE": "1"})
    assert dict(os.environ) == before


def test_a_taken_port_is_named_with_its_service(here: Context) -> None:
    """Whatever listens there, it is not ours to end."""
    where = f"features, 127.0.0.1:{here.port('features')}"
    with (
        socket.create_server(("127.0.0.1", here.port("features"))),
        pytest.raises(ConfigError, match=where) as refused,
    ):
        refuse_what_cannot_start(here, {})
    assert "another home or program" in str(refused.value)
    assert "LANTERN_PORT_OFFSET" in str(refused.value)
    refuse_what_cannot_start(here, {})


def test_a_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file where the folder should be."""
    taken = tmp_path / "home"
    taken.write_text("")
    with pytest.raises(ConfigError, match="LANTERN_HOME"):
        make_home(taken)


async def test_another_program_on_a_port_is_not_one_of_ours(here: Context) -> None:
    """It answers pages, not metrics."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = b"Content-Length: %d" % len(PAGE)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + b"\r\n\r\n" + PAGE)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", here.port("features")):
        found = await condition(here, "features")
    assert (found.health, found.detail) == (
        "away",
        f"port {here.port('features')} is served by another home or program",
    )


def test_a_host_that_is_not_ours_is_no_taken_port(
    here: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moving the ports would not help."""
    monkeypatch.setenv("LANTERN_HOST", "192.0.2.1")
    with pytest.raises(ConfigError, match="cannot listen") as refused:
        refuse_what_cannot_start(here, {})
    assert "LANTERN_PORT_OFFSET" not in str(refused.value)
