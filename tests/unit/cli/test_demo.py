"""What the demonstration remembers and what it shows."""

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.progress import Progress

from cli.commands import demo
from cli.context import CliSettings, Context
from cli.demo import stage
from cli.demo.journal import Journal
from cli.demo.watch import line_of
from shared.kernel.errors import ConfigError
from simulator import CampusConfig, Simulation, simulate

ZONE = ZoneInfo("Asia/Shanghai")
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
    line = line_of(a_change(), ZONE)
    assert line is not None
    shown = line.replace("[dark_orange]", "").replace("[/]", "")
    assert len(shown) <= 80
    assert "team-05-01" in shown
    assert "2026-11-15 14:49" in shown  # campus time, as everything that the demonstration says


def test_blue_is_told_to_nobody_at_once() -> None:
    """Blue belongs to a weekly list."""
    assert line_of(a_change(level="blue"), ZONE) is None


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_sums_of_a_first_run_are_printed_whole(
    is_terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 80 columns as in a pipe, all four numbers stand there, and so does each step before."""
    sums = "1,371,234 events = 1,368,021 accepted + 3,213 duplicate + 0 rejected, all of them"
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=is_terminal, color_system=None)

    async def import_people(*_: object) -> str:
        return "40 / 8 / 2 students, teams, colleges"

    async def open_feeds(*_: object) -> dict[str, str]:
        return {"card": "k"}

    async def replay(
        _here: Context, journal: Journal, campus: Simulation, bar: Progress
    ) -> tuple[Journal, str]:
        bar.update(bar.add_task("1,000 events, day", total=7), completed=3)
        return replace(journal, reached=campus.config.end), sums

    monkeypatch.setattr(stage, "import_people", import_people)
    monkeypatch.setattr(stage, "open_feeds", open_feeds)
    monkeypatch.setattr(stage, "replay", replay)
    monkeypatch.setattr("cli.output.err", console)
    monkeypatch.setattr(demo, "err", console)
    campus = simulate(CampusConfig(students=40, teams=8, days=7, end=REACHED))
    asyncio.run(demo._first_run(Context(CliSettings(home=tmp_path)), campus))
    assert sums in file.getvalue()
    assert "students, teams, colleges" in file.getvalue()
    if not is_terminal:
        assert "1,000 events, day 3/7" in file.getvalue().splitlines()
