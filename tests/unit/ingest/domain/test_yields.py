"""Yields of feeds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.yields import closed_days, expected, share

MONDAY = date(2026, 9, 14)
DAILY_S = 86_400.0


def history(count: int, *, days: int = 28, before: date = MONDAY) -> dict[str, int]:
    return {(before - timedelta(days=n)).isoformat(): count for n in range(1, days + 1)}


def test_the_usual_is_the_median_of_the_same_kind_of_day() -> None:
    """Weekends are compared with weekends, working days with working days."""
    received = {day: (10 if date.fromisoformat(day).weekday() >= 5 else 100) for day in history(0)}
    assert expected(received, MONDAY) == 100
    assert expected(received, MONDAY - timedelta(days=1)) == 10


def test_too_little_history_is_taken_as_whole() -> None:
    """Two days of the same kind are not enough to call a third one low."""
    received = {"2026-09-10": 100, "2026-09-11": 100, MONDAY.isoformat(): 1}
    assert share(received, MONDAY, DAILY_S, "alive") == 1.0


def test_half_the_usual_is_half_a_yield() -> None:
    """The yield is received over usual, and never above one."""
    assert share({**history(100), MONDAY.isoformat(): 50}, MONDAY, DAILY_S, "alive") == 0.5
    assert share({**history(100), MONDAY.isoformat(): 500}, MONDAY, DAILY_S, "alive") == 1.0


@pytest.mark.parametrize(
    ("cadence_s", "state", "yields"),
    [
        (3_600.0, "alive", 0.0),
        (DAILY_S, "alive", 0.0),
        (1.5 * DAILY_S, "alive", 1.0),
        (1.5 * DAILY_S, "dead", 0.0),
        (180 * DAILY_S, "dead", 1.0),
    ],
)
def test_an_empty_day_is_judged_by_cadence(cadence_s: float, state: str, yields: float) -> None:
    """An empty day of a daily feed is a dead day; a feed of rare events has no daily yield."""
    assert share({}, MONDAY, cadence_s, state) == yields  # type: ignore[arg-type]


@given(st.dictionaries(st.dates(date(2026, 8, 1), date(2026, 9, 14)).map(str), st.integers(0, 99)))
def test_seven_closed_days_each_within_bounds(received: dict[str, int]) -> None:
    """A tick tells of the seven days before today, oldest first, with a yield in 0..1."""
    days = closed_days(received, MONDAY, DAILY_S, "alive")
    assert [d.day for d in days] == [str(MONDAY - timedelta(days=n)) for n in range(7, 0, -1)]
    assert all(0 <= d.yield_share <= 1 and d.received == received.get(d.day, 0) for d in days)
