"""Building ingest, and what stops it from starting."""

import sys
from pathlib import Path

import pytest
from tests.helpers.ingest_app import some_settings

from ingest import main
from ingest.config import Settings
from shared.kernel.errors import ConfigError
from shared.settings import load


def test_check_builds_everything_and_connects_to_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`--check` needs neither broker nor database."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LANTERN_PSEUDONYM_KEY", "11" * 32)
    monkeypatch.setenv("LANTERN_DEAD_LETTER_KEY", "22" * 32)
    monkeypatch.setattr(sys, "argv", ["ingest", "--check"])
    assert main.main() == 0


def test_a_missing_key_is_one_readable_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variable at fault is named, and the exit code is 2."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.delenv("LANTERN_PSEUDONYM_KEY", raising=False)
    monkeypatch.delenv("LANTERN_DEAD_LETTER_KEY", raising=False)
    monkeypatch.setattr(sys, "argv", ["ingest", "--check"])
    assert main.main() == 2
    assert "LANTERN_DEAD_LETTER_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TICK_INTERVAL_S", "7000"),
        ("TICKS", "sometimes"),
        ("TIMEZONE", "Mars/Olympus"),
        ("MAX_EVENTS", "0"),
        ("DEDUP_DAYS", "-1"),
    ],
)
def test_a_bad_setting_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """An operator reads which variable to mend."""
    monkeypatch.setenv(f"LANTERN_INGEST_{name}", value)
    with pytest.raises(ConfigError, match=f"LANTERN_INGEST_{name}"):
        load(Settings)


def test_the_future_can_be_opened_for_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """`none` is a word of the setting."""
    monkeypatch.setenv("LANTERN_INGEST_MAX_FUTURE_S", "none")
    assert load(Settings).max_future_s is None


def test_wall_ticks_have_a_job_and_event_ticks_have_none(tmp_path: Path) -> None:
    """In a replay the events themselves tick."""
    live, replay = (main.build(some_settings(tmp_path, ticks=mode)) for mode in ("wall", "event"))
    assert "ticks" in live.runners
    assert "ticks" not in replay.runners
