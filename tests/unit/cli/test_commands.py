"""Exit codes, and what a command says when something is missing or wrong."""

import json
import os
from pathlib import Path

import pytest
from tests.helpers.ports import quiet_offset
from typer.testing import CliRunner, Result

from cli import main, run_files
from cli.commands.up import replaying
from cli.context import CliSettings, Context, is_address
from cli.readiness import Condition

DEAD_PID = 2**22 + 1  # beyond what Linux gives out


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home folder and ports of this test's own, without a broker."""
    for name in [each for each in os.environ if each.startswith("LANTERN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", str(quiet_offset()))
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    return tmp_path / "home"


def run(words: str) -> Result:
    return CliRunner().invoke(main.app, words.split())


def conditions(monkeypatch: pytest.MonkeyPatch, **health: str) -> None:
    """Let services be as told; the others are ready."""

    async def condition(_here: Context, service: str) -> Condition:
        return Condition(health.get(service, "ready"))

    monkeypatch.setattr("cli.commands.ps.own_condition", condition)
    monkeypatch.setattr("cli.commands.doctor.own_condition", condition)


def a_dead_service(home: Path, service: str) -> None:
    """Leave the run file of a process that is no more."""
    (home / "run").mkdir(parents=True)
    entry = run_files.Running(service, DEAD_PID, 1, 0.0)
    (home / "run" / f"{service}.json").write_text(json.dumps(vars(entry)))


@pytest.mark.parametrize("health", ["away", "not ready"])
def test_ps_fails_when_one_service_is_not_ready(
    health: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script may wait for the exit code; the report is printed all the same."""
    conditions(monkeypatch)
    assert run("ps").exit_code == 0
    conditions(monkeypatch, scoring=health)
    result = run("ps --json")
    assert result.exit_code == 1
    services = json.loads(result.stdout)["services"]
    assert {s["service"] for s in services if s["health"] == health} == {"scoring"}


def test_ps_says_how_to_start_when_nothing_runs() -> None:
    """With everything away the exit code is 1 and the next command is named."""
    result = run("ps")
    assert result.exit_code == 1
    assert "lantern up" in result.stderr


def test_doctor_finds_a_service_that_died(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was started and is gone without having been stopped is a failure."""
    a_dead_service(home, "features")
    conditions(monkeypatch)
    result = run("doctor --json")
    assert result.exit_code == 1
    found = {f["check"]: f for f in json.loads(result.stdout)["findings"]}
    assert found["features"]["state"] == "failed"
    assert str(DEAD_PID) in found["features"]["found"]
    assert found["Kafka"]["state"] == "failed"  # a started service needs its broker


def test_doctor_before_the_first_start_is_no_failure() -> None:
    """That nothing has been started yet is a warning with the command that does it."""
    result = run("doctor --json")
    findings = json.loads(result.stdout)["findings"]
    assert not [f for f in findings if f["state"] == "failed"]
    assert result.exit_code == 0
    (services,) = [f for f in findings if f["check"] == "services"]
    assert (services["state"], services["remedy"]) == ("warning", "`lantern up`")


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8101", "localhost", "ftp://there", "http://", "http://a b", "http://[::1",
     "http://here:99999", "http://here:port", "http://here\t", "http://here:0", "http://☃"],
)  # fmt: skip
def test_a_bad_address_names_its_setting(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 with the variable's name on standard error, and no trace."""
    monkeypatch.setenv("LANTERN_ALERTS_URL", url)
    monkeypatch.setattr("sys.argv", ["lantern", "alerts", "list"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert "LANTERN_ALERTS_URL" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8101", "https://lantern.test/alerts", "http://[::1]:1"]
)
def test_a_good_address_is_taken(url: str) -> None:
    """Host, port and path may be any that exist."""
    assert is_address(url)
    assert Context(CliSettings(alerts_url=url)).url("alerts") == url


def test_what_is_typed_as_an_id_stays_one_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id cannot lead to another path."""
    asked = []

    def call(_method: str, path: str, *_more: object, **_named: object) -> object:
        asked.append(path)
        return {"id": "x", "history": []}

    monkeypatch.setattr("cli.commands.alerts._call", call)
    assert run("alerts show ../policy?x#y").exit_code == 0
    assert asked == ["/v1/alerts/..%2Fpolicy%3Fx%23y"]


def test_a_fresh_home_trusts_the_keys_that_ship(home: Path, tmp_path: Path) -> None:
    """Listing needs no file of one's own; a new key joins those that ship, and scoring is told."""
    shipped = json.loads(run("model keys --json").stdout)
    assert shipped["keys"]
    key = tmp_path / "key"
    mine = json.loads(run(f"model keys --new {key} --comment ours --json").stdout)
    assert [k["id"] for k in mine["keys"][:-1]] == [k["id"] for k in shipped["keys"]]
    assert mine["keys"][-1]["comment"] == "ours"
    file = home / "keys" / "trusted_bundles.json"
    assert mine["file"] == str(file)
    environment = Context(CliSettings(home=home)).environment()
    assert environment["LANTERN_SCORING_TRUSTED_KEYS_FILE"] == str(file)


@pytest.mark.parametrize("words", ["model keys", "model verify {folder}"])
def test_a_missing_key_file_comes_with_the_command_that_makes_it(
    words: str, tmp_path: Path
) -> None:
    """A file that is named and does not exist is said so, with what to do."""
    result = run(f"{words.format(folder=tmp_path)} --trusted {tmp_path / 'none.json'}")
    assert result.exit_code == 2
    assert "lantern model keys --new" in result.stderr


def test_no_audit_chain_yet_is_said_and_makes_no_file(home: Path) -> None:
    """On a fresh home it names the database and the command that makes it."""
    result = run("audit verify")
    assert result.exit_code == 2
    assert "directory.db" in result.stderr
    assert "lantern up" in result.stderr
    assert not (home / "directory.db").exists()
    (home / "directory.db").touch()
    assert "lantern up" in run("audit verify").stderr


def test_a_replay_takes_time_from_events_and_writes_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`up --replay` sets what a comparison needs; a variable that somebody set wins."""
    monkeypatch.setenv("LANTERN_FEATURES_FLUSH", "adaptive")
    found = replaying()
    assert found["LANTERN_INGEST_TICKS"] == "event"
    assert found["LANTERN_ALERTS_SEND"] == "off"
    assert found["LANTERN_FEATURES_FLUSH"] == "adaptive"
