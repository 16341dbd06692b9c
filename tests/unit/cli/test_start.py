"""A command starts at once: it imports no service but for what only that service can do."""

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from cli.commands import COMMANDS
from cli.group import Lantern, Lazy
from cli.main import app

MEMBERS = ("ingest", "directory", "features", "scoring", "alerts", "simulator")
HEAVY = ("sqlalchemy", "openpyxl", "numpy", "onnxruntime")
LOOK = """
import json, sys
from cli.main import main
sys.argv = ["lantern", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(*words: str) -> set[str]:
    """Return the packages that a command has imported by its end."""
    command = [sys.executable, "-c", LOOK, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "words",
    ["--help", "--version", "ps", "alerts list", "dead list", "audit --help"],
)
def test_no_service_is_imported(
    words: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seconds on a small machine, for nothing."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_PORT_OFFSET", "11000")
    found = imported(*words.split())
    assert "cli" in found
    assert not found & set(MEMBERS)
    assert not found & set(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_listed_is_what_the_command_says(name: str) -> None:
    """The list of commands is written by hand, so that nothing has to be imported for it."""
    group = typer.main.get_command(app)
    assert isinstance(group, Lantern)
    listed = group.commands[name]
    assert isinstance(listed, Lazy)
    first, _, _ = listed.real().help.partition("\n\n")
    assert " ".join(first.split()) == listed.help


def test_a_misspelt_command_is_answered_with_the_right_one() -> None:
    """The listed names are known before anything is imported."""
    result = CliRunner().invoke(app, ["alrets"])
    assert result.exit_code == 2
    assert "alerts" in result.stderr
