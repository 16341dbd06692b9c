"""`--json`: every command that reports something prints one JSON document, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.helpers.alerts import POLICY_FILE
from tests.helpers.ports import free_port
from typer.testing import CliRunner

from cli.context import KAFKA_PORT
from cli.main import app
from shared.kernel.errors import UnavailableError
from shared.web.client import HttpClient, Response

ENDLESS = {"up", "demo"}  # they run until they are stopped, and print progress for people
ALERT = {"id": "a1", "status": "open", "student": "p1:s", "history": []}
ANSWERS: dict[str, Any] = {
    "/v1/alerts": {"alerts": [ALERT], "next": None},
    "/v1/alerts/a1": ALERT,
    "/v1/alerts/a1/acknowledge": ALERT,
    "/v1/alerts/a1/resolve": ALERT,
    "/v1/policy": {"version": "1", "approved_by": None, "bands": [], "levels": []},
    "/v1/policy/dry-run": {"steps": []},
    "/v1/state/digest": {"alerts": "0" * 64},
    "/v1/models": {"serving": [{"model": "m1", "card": "# a card"}], "refused": None},
    "/v1/imports": [],
    "/v1/dead-letters": {"letters": [], "next": None},
    "/v1/dead-letters/d1": {"id": "d1", "reason": "malformed"},
    "/v1/dead-letters/d1/redrive": {"redriven": 1},
}
COMMANDS = [
    "alerts list",
    "alerts show a1",
    "alerts ack a1",
    "alerts resolve a1 --verdict no_need",
    "policy show",
    "policy dry-run --student p1:s --level orange",
    f"policy validate {POLICY_FILE}",
    "state digest",
    "dead list",
    "dead show d1",
    "dead redrive d1",
    "feeds list",
    "feeds imports",
    "model list",
    "model show",
    "model keys --new {folder}/key",
    "kafka status",
    "kafka down",
    "ps",
    "doctor",
]


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a home folder and ports of this test's own, without a broker."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", str(free_port() - KAFKA_PORT))
    monkeypatch.delenv("LANTERN_KAFKA_BOOTSTRAP_SERVERS", raising=False)


@pytest.fixture
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def request(_client: HttpClient, _method: str, url: str, **_more: Any) -> Response:
        if url not in ANSWERS:
            raise UnavailableError(f"{url}: nobody there")
        return Response(200, json=ANSWERS[url])

    monkeypatch.setattr(HttpClient, "request", request)


def leaves(
    command: Any,
    path: tuple[str, ...] = (),
) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
    else:
        for name, each in inner.items():
            yield from leaves(each, (*path, name))


def test_every_command_that_reports_takes_json() -> None:
    """Only those that run until they are stopped have no `--json`."""
    without = {
        name
        for name, command in leaves(typer.main.get_command(app))
        if not any("--json" in option.opts for option in command.params)
    }
    assert without == ENDLESS


@pytest.mark.usefixtures("_answers")
@pytest.mark.parametrize("words", COMMANDS)
def test_standard_output_is_one_document(words: str, tmp_path: Path) -> None:
    """What a program reads is one JSON document on one line."""
    result = CliRunner().invoke(app, [*words.format(folder=tmp_path).split(), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stdout.count("\n") == 1, result.stdout + result.stderr
    assert isinstance(json.loads(result.stdout), dict | list)


@pytest.mark.parametrize("words", ["alerts list", "state digest", "policy show"])
def test_without_services_standard_output_is_empty(words: str) -> None:
    """A command that could not ask prints nothing that a program might take for an answer."""
    result = CliRunner().invoke(app, [*words.split(), "--json"])
    assert result.exit_code != 0
    assert result.stdout == ""
