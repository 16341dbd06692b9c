"""`--json`: every command that reports something prints one JSON document, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.helpers.alerts import POLICY_FILE
from tests.helpers.commands import leaves
from tests.helpers.ports import free_port
from tests.helpers.shop_feed import a_folder
from typer.testing import CliRunner

from cli.context import KAFKA_PORT
from cli.main import app
from directory.domain.audit import Verdict
from shared.bundle.keys import new_private
from shared.kernel.errors import UnavailableError
from shared.web.client import HttpClient, Response
from simulator import CampusConfig
from simulator.calibration import Figure
from simulator.progress import StreamReport
from simulator.separability import Separability

ENDLESS = {"up", "demo"}  # they run until they are stopped, and print progress for people
ALERT = {"id": "a1", "status": "open", "student": "p1:s", "history": []}
REVEAL = {"id": "r1", "status": "waiting", "identity": None}
COUNTS = {"read": 2, "accepted": 1, "duplicate": 1, "rejected": 0}
IMPORT = {
    "id": "i1",
    "state": "done",
    "event_time": "2026-03-02T04:00:00Z",
    "counts": COUNTS,
    "total": 2,
    "reasons": {},
    "files": [{"feed": "shop", "name": "shop.csv", "reasons": {}, **COUNTS}],
}
CHANGE = {"number": 1, "action": "promote", "bundle_from": "b1", "bundle_to": "b2"}
ROSTER = {"files": [], "faults": [], "faults_total": 0, "students_published": 0}
ANSWERS: dict[str, Any] = {
    "/v1/alerts": {"alerts": [ALERT], "next": None},
    "/v1/alerts/a1": ALERT,
    "/v1/alerts/a1/acknowledge": ALERT,
    "/v1/alerts/a1/resolve": ALERT,
    "/v1/alerts/a1/review": ALERT,
    "/v1/outbox": {"items": [], "next": None},
    "/v1/outbox/7/retry": {"number": 7, "state": "pending"},
    "/v1/policy": {"version": "1", "approved_by": None, "bands": [], "levels": []},
    "/v1/policy/dry-run": {"steps": []},
    "/v1/state/digest": {"alerts": "0" * 64, "students": 3},
    "/v1/models": {
        "serving": [{"model": "m1", "card": "# a card"}],
        "refused": None,
        "suspended": None,
        "shadows": [],
    },
    "/v1/models/b2/promote": CHANGE,
    "/v1/models/rollback": CHANGE,
    "/v1/models/resume": CHANGE,
    "/v1/models/b2/comparison": {"cells": []},
    "/v1/drift": {"groups": []},
    "/v1/performance": {"agreement": {"pairs": 0}},
    "/v1/models/changes": {"changes": [CHANGE], "broken_at": None},
    "/v1/feeds/shop": {},
    "/v1/imports": [],
    "/v1/imports/i1": IMPORT,
    "/v1/imports/i1/report": {"faults": []},
    "/v1/ticks": {"published": True},
    "/v1/dead-letters": {"letters": [], "next": None},
    "/v1/dead-letters/d1": {"id": "d1", "reason": "malformed"},
    "/v1/dead-letters/d1/redrive": {"redriven": 1},
    "/v1/roster/imports": ROSTER,
    "/v1/identities/reveal": REVEAL,
    "/v1/identities/reveals/r1": REVEAL,
    "/v1/identities/reveals/r1/approve": REVEAL,
}
STARTER = ROOT / "services" / "scoring" / "src" / "scoring" / "bundles" / "starter"
COMMANDS = [
    "alerts list",
    "alerts show a1",
    "alerts ack a1",
    "alerts resolve a1 --verdict no_need",
    "alerts outbox",
    "alerts retry 7",
    "alerts review a1 --verdict no_need",
    "audit verify",
    "dataset build --labels {here}/key --out {here}/set",
    "dataset check --table {here}/made/table.csv --id id --label y",
    "dead list",
    "dead redrive d1",
    "dead show d1",
    "directory import {here}/data/shop.csv",
    "doctor",
    "feeds check {here}/data/shop.csv --feed shop --feeds {here}/feeds",
    "feeds import {here}/data/shop.csv --feed shop --feeds {here}/feeds",
    "feeds imports",
    "feeds list",
    "feeds register shop --feeds {here}/feeds",
    "feeds show shop --feeds {here}/feeds",
    "feeds validate {here}/feeds/shops/shop.yaml",
    "identity approve r1",
    "identity open r1",
    "identity reveal p1:s --duty talk --reason because",
    "kafka down",
    "kafka status",
    "kafka up",
    "model card {here}/bundle",
    "model changes",
    "model compare {here}/bundle {here}/bundle",
    "model drift",
    "model evaluate {here}/bundle --table {here}/data/shop.csv --id id --label y --out {here}/r",
    "model export {here}/bundle --out {here}/model.onnx",
    "model keys --new {here}/new-key",
    "model list",
    "model performance",
    "model predict {here}/bundle --table {here}/data/shop.csv --id id --out {here}/scores.csv",
    "model promote b2 --reason because",
    "model resume --reason because",
    "model rollback --reason because",
    "model shadow b2",
    "model show",
    "model sign {here}/bundle --key {here}/key",
    "model train --table {here}/key --valid {here}/key --id id --label y --out {here}/b",
    f"model verify {STARTER}",
    "policy dry-run --student p1:s --level orange",
    "policy show",
    f"policy validate {POLICY_FILE}",
    "ps",
    "replay {here}/data --feeds {here}/feeds",
    "simulate campus --out {here}/campus --students 40 --teams 8 --colleges 2 --days 3",
    "simulate check --students 40 --days 30",
    "simulate events --campus {here}/made --out {here}/events.ndjson",
    "simulate stream --campus {here}/made",
    "state digest",
]


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a home folder and ports of this test's own, without a broker."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", str(free_port() - KAFKA_PORT))
    monkeypatch.delenv("LANTERN_KAFKA_BOOTSTRAP_SERVERS", raising=False)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Give files for the commands that read some."""
    a_folder(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "shop.csv").write_bytes("学号,时间\nS1,1703132975\n".encode("gbk"))
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "table.csv").write_text("id,y,a\n1,0,5\n2,1,6\n")
    config = CampusConfig(students=40, teams=8, colleges=2, days=2)
    (tmp_path / "made" / "campus.json").write_bytes(config.to_json())
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").write_bytes((STARTER / "manifest.json").read_bytes())
    new_private(tmp_path / "key")
    return tmp_path


@pytest.fixture
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let services answer, and what takes long or needs more than HTTP be done at once."""
    handled = iter([0, 0])  # before a replay, then ever after

    async def request(_client: HttpClient, method: str, url: str, **_more: Any) -> Response:
        if url.startswith("/v1/imports/files/"):
            return Response(200, json={})
        if (method, url) == ("POST", "/v1/imports"):
            return Response(200, json={"id": "i1"})
        if url == "/v1/counts":
            shop = {"applied": next(handled, 1), "late": 0, "dead": 0, "accepted": 0}
            return Response(200, json={"feeds": {"shop": shop}})
        if url in {"/readyz", "/metrics"}:
            return Response(200, text="")
        if url not in ANSWERS:
            raise UnavailableError(f"{url}: nobody there")
        return Response(200, json=ANSWERS[url])

    async def verify_audit(_settings: object) -> Verdict:
        return Verdict(3, "0" * 64)

    async def to_http(*_: object, **_more: object) -> StreamReport:
        return StreamReport(sent=1, accepted=1)

    monkeypatch.setattr(HttpClient, "request", request)
    monkeypatch.setattr("directory.main.verify_audit", verify_audit)
    monkeypatch.setattr("cli.commands.directory._refuse_without_database", lambda _: None)
    monkeypatch.setattr("cli.commands.kafka.ensure_broker", lambda _: True)
    monkeypatch.setattr("cli.commands.dataset.started", lambda *_, **__: '{"rows": 1}\n')
    monkeypatch.setattr("cli.commands.model_report.started", lambda *_, **__: '{"files": []}\n')
    monkeypatch.setattr("cli.commands.model_tables.started", lambda *_, **__: '{"rows": 1}\n')
    monkeypatch.setattr("cli.commands.simulate._to_http", to_http)
    monkeypatch.setattr("cli.commands.simulate.check_figures", lambda _: [Figure("a", 1, 0, 2)])
    monkeypatch.setattr(
        "cli.commands.simulate.separability", lambda _: Separability(0.7, 0.7, 0.1, 40)
    )


def test_every_command_that_reports_takes_json() -> None:
    """Only those that run until they are stopped have no `--json`."""
    without = {
        name
        for name, command in leaves()
        if not any("--json" in option.opts for option in command.params)
    }
    assert without == ENDLESS


def test_every_command_that_reports_is_tried() -> None:
    """A new command joins the list below, or this fails."""
    names = {name for name, _ in leaves()}
    tried = {name for name in names for words in COMMANDS if f"{words} ".startswith(f"{name} ")}
    assert names - tried == ENDLESS


@pytest.mark.usefixtures("_answers")
@pytest.mark.parametrize("words", COMMANDS)
def test_standard_output_is_one_document(words: str, here: Path) -> None:
    """What a program reads is one JSON document on one line."""
    result = CliRunner().invoke(app, [*words.format(here=here).split(), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stdout.count("\n") == 1, result.stdout + result.stderr
    assert isinstance(json.loads(result.stdout), dict | list)
    assert result.exit_code in {0, 1}, result.stderr


@pytest.mark.parametrize("words", ["alerts list", "state digest", "policy show"])
def test_without_services_the_document_is_the_error(words: str) -> None:
    """A program never reads nothing, nor something that it might take for an answer."""
    result = CliRunner().invoke(app, [*words.split(), "--json"])
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert set(document) == {"error"}
    assert document["error"]["code"] == "unavailable"
    assert "lantern up" in result.stderr
