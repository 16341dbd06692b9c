"""`lantern dataset`: what its process is given, and what it is not."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import main
from cli.credentials import Credentials


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the variables that the process was started with, in a home that has keys."""
    for name in [each for each in os.environ if each.startswith("LANTERN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path / "home"))
    Credentials.load_or_create(tmp_path / "home")
    seen: dict[str, str] = {}

    def started(*_: object, variables: Mapping[str, str], **__: object) -> str:
        seen.update(variables)
        return "{}\n"

    monkeypatch.setattr("cli.commands.dataset.started", started)
    return seen


def test_only_the_key_of_pseudonyms_is_handed_on(tmp_path: Path, given: dict[str, str]) -> None:
    """Building a table needs to name students, not to open the vault or dead letters."""
    labels = tmp_path / "labels.csv"
    labels.touch()
    words = ["dataset", "build", "--labels", str(labels), "--out", str(tmp_path / "set")]
    assert CliRunner().invoke(main.app, words).exit_code == 0
    assert set(given) == {"LANTERN_PSEUDONYM_KEY", "LANTERN_FEATURES_DATABASE_URL"}
