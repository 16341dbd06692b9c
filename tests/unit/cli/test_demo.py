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
from cli.counting import FeedSums, sums_so_far
from cli.demo import stage
from cli.demo.journal import Journal
from cli.demo.watch import line_of
from cli.readiness import Condition
from shared.kernel.errors import ConfigError
from shared.web.client import HttpClient, Response
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


@pytest.mark.parametrize("found", [{}, None])
def test_until_it_is_caught_up_the_lag_is_said(
    found: dict[str, Any] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left is told while it waits; whether all was done is the answer."""

    async def caught_up(*_: Any) -> dict[str, Any] | None:
        await asyncio.sleep(0.1)
        return found

    async def condition(_here: Context, service: str) -> Condition:
        return Condition("ready", lag={"features": 0, "scoring": 12, "alerts": 3456}[service])

    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    monkeypatch.setattr(stage, "TELL_EVERY_S", 0.02)
    monkeypatch.setattr(stage, "caught_up", caught_up)
    monkeypatch.setattr("cli.counting.condition", condition)
    journal = Journal(CampusConfig(students=40, teams=8), {"card": "k"}, REACHED)
    told: list[str] = []
    here = Context(CliSettings(home=tmp_path))
    assert asyncio.run(stage.settle(here, journal, told.append)) is (found is not None)
    assert set(told) == {"catching up, records to go: scoring 12, alerts 3,456"}


def test_figures_of_a_demonstration_add_up_by_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ingest's and features' counts are one line a feed, zeros where a feed was silent."""

    async def request(client: HttpClient, _method: str, _url: str, **_: Any) -> Response:
        taken = {"read": 4, "accepted": 3, "duplicate": 1, "rejected": 0}
        handled = {"applied": 2, "late": 1, "dead": 0}
        return Response(200, json={"feeds": {"card": taken | handled}})

    monkeypatch.setattr(HttpClient, "request", request)
    sums = asyncio.run(sums_so_far(Context(CliSettings(home=tmp_path)), ["card", "door"]))
    assert sums == {"card": FeedSums(4, 3, 1, 0, 2, 1, 0), "door": FeedSums()}
    assert all(each.adds_up for each in sums.values())
