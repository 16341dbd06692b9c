"""`lantern kafka up|status|down --json`, as a program would use them."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from cli.context import KAFKA_PORT
from cli.kafka_broker import free_ports
from cli.main import app

LIBS = Path(__file__).parents[3] / ".lantern" / "kafka" / "libs"


@pytest.fixture
def _installation(tmp_path: Path, kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an installation of this test's own, which borrows the jars of the session's broker."""
    if not kafka or "LANTERN_TEST_KAFKA" in os.environ or not LIBS.exists():
        pytest.skip("tests of the local broker need one of their own")
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "libs").symlink_to(LIBS)
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", str(_two_ports_in_a_row() - KAFKA_PORT))
    monkeypatch.setenv("LANTERN_PARTITIONS", "2")
    monkeypatch.delenv("LANTERN_KAFKA_BOOTSTRAP_SERVERS", raising=False)


def _two_ports_in_a_row() -> int:
    """Return a free port whose successor, the controller's, is free as well."""
    while True:
        (port,) = free_ports(1)
        with socket.socket() as next_one:
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def lantern(words: str) -> Any:
    """Run a command; standard output must be one JSON document."""
    done = CliRunner().invoke(app, [*words.split(), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.usefixtures("_installation")
def test_up_status_down() -> None:
    """The broker comes up with its topics, is told of, and is gone after `down`."""
    assert lantern("kafka status")["running"] is False
    try:
        up = lantern("kafka up")
        assert up["running"]
        assert psutil.pid_exists(up["pid"])
        assert lantern("kafka status") == up
        assert lantern("kafka down") == {"stopped": True}
        assert not psutil.pid_exists(up["pid"])
        assert lantern("kafka down") == {"stopped": False}
    finally:
        lantern("kafka down")


def test_a_named_broker_is_not_ours_to_stop(
    tmp_path: Path, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a named broker `status` says so, and `down` refuses with code 2."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_KAFKA_BOOTSTRAP_SERVERS", kafka)
    assert lantern("kafka status") == {"managed": False, "bootstrap_servers": kafka}
    done = CliRunner().invoke(app, ["kafka", "down", "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "bad_usage"
    assert kafka in done.stderr
