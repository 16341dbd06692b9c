"""Keys of a local installation."""

import stat
from pathlib import Path

import pytest

from cli.credentials import Credentials


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    """A second start reads the same keys, and only the owner may read the file."""
    first = Credentials.load_or_create(tmp_path)
    assert Credentials.load_or_create(tmp_path).keys == first.keys
    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key set by the operator is used, not replaced."""
    monkeypatch.setenv("LANTERN_PSEUDONYM_KEY", "11" * 32)
    environment = Credentials.load_or_create(tmp_path).environment()
    assert environment["LANTERN_PSEUDONYM_KEY"] == "11" * 32
    assert len(environment["LANTERN_DEAD_LETTER_KEY"]) == 64
    assert environment["LANTERN_SERVICE_TOKEN"].count(".") == 2
