"""Alerts for a person: 80 columns, campus time that says so, and no dictionaries."""

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from cli import alert_view, output

ZONE = ZoneInfo("Asia/Shanghai")
ID, STUDENT = "alert_" + "0123456789abcdef" * 2, "p1:" + "0123456789abcdef" * 2
LINE = {
    "sequence": 1,
    "kind": "resolved",
    "level": "orange",
    "reason_kind": "pattern",
    "at": "2026-11-18T20:00:00.000000Z",
    "tier": None,
    "verdict": "no_need",
    "reason": "talk_held",
    "track": "person",
    "actor": "officer-1",
}
ALERT: dict[str, Any] = {
    "view": "school",
    "id": ID,
    "student": STUDENT,
    "college": "college-04",
    "team": "team-04-01",
    "level": "orange",
    "level_name": {"zh": "橙·预警", "en": "Orange · warning"},
    "status": "acknowledged",
    "reason_kinds": ["pattern", "silence"],
    "coverage": 0.9001,
    "is_coverage_too_low": False,
    "opened_at": "2026-10-31T20:00:00.000000Z",
    "acknowledged_by": [],
    "not_known_here_yet": ["one", "two"],
    "history": [LINE],
}
TEAM: dict[str, Any] = {
    "view": "team",
    "id": ID,
    "student": STUDENT,
    "request": {"zh": "请关心一下", "en": "Please look in"},
    "since": "2026-10-31T20:00:00.000000Z",
    "status": "open",
    "history": [{"kind": "asked", "at": "2026-10-31T20:00:00.000000Z"}],
}


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Give a terminal of 80 columns."""
    file = io.StringIO()
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    console = output._Screen(file=file, force_terminal=True, color_system=None, _environ={})
    console.size = (80, 25)
    monkeypatch.setattr(output, "out", console)
    monkeypatch.setattr(alert_view, "out", console)
    return file


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("alert", [ALERT, TEAM], ids=["school", "team"])
def test_an_alert_fits_a_terminal(
    alert: dict[str, Any], language: str, file: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider than 80 columns, ids are whole, and nothing is Python's."""
    monkeypatch.setenv("LANTERN_LANGUAGE", language)
    alert_view.print_alert(alert, ZONE)
    alert_view.print_alerts([alert], ZONE)
    text = file.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert text.count(ID) == 2
    assert text.count(STUDENT) == 2
    assert not [sign for sign in "{}[]'" if sign in text]


def test_moments_are_campus_time_and_say_so(file: io.StringIO) -> None:
    """20:00 UTC is four in the morning of the next day there."""
    alert_view.print_alert(ALERT, ZONE)
    text = file.getvalue()
    assert "2026-11-01 04:00 (Asia/Shanghai)" in text
    assert "at (Asia/Shanghai)" in text
    assert "2026-11-19 04:00" in text


def test_what_is_known_is_told(file: io.StringIO) -> None:
    """The level by its name, shares in per cent, lists as words, new fields by their own name."""
    alert_view.print_alert(ALERT, ZONE)
    text = file.getvalue()
    for word in ("Orange · warning", "90%", "pattern, silence", "one, two", "talk_held: no_need"):
        assert word in text
    assert "officer-1" in text


def test_a_pipe_gets_a_row_an_alert(file: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """`grep` finds an alert with its student."""
    pipe = output._Screen(file=file, force_terminal=False, color_system=None, _environ={})
    monkeypatch.setattr(output, "out", pipe)
    monkeypatch.setattr(alert_view, "out", pipe)
    alert_view.print_alerts([ALERT, TEAM], ZONE)
    rows = [line for line in file.getvalue().splitlines() if ID in line and STUDENT in line]
    assert len(rows) == 2
