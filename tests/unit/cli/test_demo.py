"""What the demonstration remembers and what it shows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo.journal import Journal
from cli.demo.watch import line_of
from shared.kernel.errors import ConfigError
from simulator import CampusConfig

REACHED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def a_change(**more: Any) -> dict[str, Any]:
    """Build one event of the live stream, as a school officer sees it."""
    alert = {
        "level": "orange",
        "college": "college-05",
        "team": "team-05-01",
        "student": "p1:0123456789abcdef0123456789abcdef",
        "updated_at": "2026-11-15T06:49:09.000000Z",
    }
    return {"kind": "opened", "alert": alert | more}


def test_a_journal_reads_back(tmp_path: Path) -> None:
    """A second start finds campus, keys and how far life had come."""
    journal = Journal(CampusConfig(students=40, teams=8), {"card": "k"}, REACHED)
    journal.write(tmp_path)
    assert Journal.read(tmp_path) == journal


def test_a_home_of_real_use_is_not_touched(tmp_path: Path) -> None:
    """Databases without a journal are real data: the demonstration refuses to run there."""
    assert Journal.read(tmp_path) is None
    (tmp_path / "alerts.db").touch()
    with pytest.raises(ConfigError, match="real use"):
        Journal.read(tmp_path)


def test_a_line_fits_a_terminal_and_names_nobody() -> None:
    """A change is one line of at most 80 characters with level, moment and team."""
    line = line_of(a_change())
    assert line is not None
    shown = line.replace("[dark_orange]", "").replace("[/]", "")
    assert len(shown) <= 80
    assert "team-05-01" in shown
    assert "2026-11-15 06:49" in shown


def test_blue_is_told_to_nobody_at_once() -> None:
    """Blue belongs to a weekly list."""
    assert line_of(a_change(level="blue")) is None
