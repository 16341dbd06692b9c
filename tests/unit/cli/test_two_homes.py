"""Two homes on the same ports: a service of one is never taken for the other's."""

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.ports import quiet_offset
from tests.helpers.shop_feed import a_folder
from typer.testing import CliRunner

from cli import run_files
from cli.context import Context, context
from cli.main import app
from cli.readiness import own_condition


class Ready(http.server.BaseHTTPRequestHandler):
    """Answers as a service does that is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Give a home on ports of this test's own."""
    for name in [each for each in os.environ if each.startswith("LANTERN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", str(quiet_offset()))
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    return context()


@pytest.fixture
def ingest(here: Context) -> Iterator[Context]:
    """Let something that is ready answer on ingest's port, in this very process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", here.port("ingest")), Ready)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


def run(words: str) -> tuple[int, Any, str]:
    result = CliRunner().invoke(app, words.split())
    return result.exit_code, json.loads(result.stdout), result.stderr


def test_ps_does_not_take_another_homes_service_for_its_own(ingest: Context) -> None:
    """It is ready, and not ours: away, with the port named and what to do."""
    code, document, told = run("ps --json")
    (seen,) = [each for each in document["services"] if each["service"] == "ingest"]
    where = f"port {ingest.port('ingest')} is served by another home or program"
    assert (code, seen["health"], seen["detail"], seen["pid"]) == (1, "away", where, None)
    assert "LANTERN_PORT_OFFSET" in told


async def test_what_this_home_started_is_its_own(ingest: Context) -> None:
    """The process of the run file holds the port."""
    run_files.write(ingest.home, "ingest", os.getpid(), ingest.port("ingest"))
    assert (await own_condition(ingest, "ingest")).health == "ready"


async def test_a_living_process_that_does_not_hold_the_port_is_not_enough(ingest: Context) -> None:
    """Our service starts, or died of the taken port; what answers is another's."""
    run_files.write(ingest.home, "ingest", os.getppid(), ingest.port("ingest"))
    seen = await own_condition(ingest, "ingest")
    assert (seen.health, seen.is_taken) == ("away", True)


async def test_a_service_at_a_named_address_needs_no_process_here(
    ingest: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs elsewhere, by the operator's own word."""
    monkeypatch.setenv("LANTERN_INGEST_URL", f"http://127.0.0.1:{ingest.port('ingest')}")
    assert (await own_condition(context(), "ingest")).health == "ready"


def test_doctor_names_the_taken_port_alone(ingest: Context) -> None:
    """The others are free."""
    code, document, _ = run("doctor --json")
    failed = [f["check"] for f in document["findings"] if f["state"] == "failed"]
    assert (code, failed) == (1, [f"ingest:{ingest.port('ingest')}"])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "value", "service"),
    [("LANTERN_FEATURES_FLUSH", "nonsense", "features"), ("LANTERN_ALERTS_NONE", "1", "alerts")],
)
def test_doctor_names_a_bad_setting_of_a_service(
    name: str, value: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `lantern up` would refuse, `doctor` finds."""
    monkeypatch.setenv(name, value)
    code, document, _ = run("doctor --json")
    failed = {f["check"]: f["found"] for f in document["findings"] if f["state"] == "failed"}
    assert code == 1
    assert list(failed) == [f"{service} settings"]
    assert name in failed[f"{service} settings"]


def test_replay_starts_nothing_where_another_home_serves(ingest: Context, tmp_path: Path) -> None:
    """It neither replays into the other home nor fights it for the port."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "shop.csv").write_bytes("学号,时间\nS1,1703132975\n".encode("gbk"))
    folder = a_folder(tmp_path)
    result = CliRunner().invoke(app, ["replay", str(tmp_path / "data"), "--feeds", str(folder)])
    assert result.exit_code == 2
    assert f"port {ingest.port('ingest')} is served by another" in result.stderr
    assert not (ingest.home / "kafka").exists()
