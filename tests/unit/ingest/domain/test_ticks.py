"""When ticks are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.ticks import Boundaries, TickClock
from shared.kernel.campus_time import format_utc, parse_utc

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY, HOURLY = Boundaries(86_400, SHANGHAI), Boundaries(3_600, SHANGHAI)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: format_utc(moment.replace(tzinfo=UTC))
)


def test_days_begin_at_four_in_the_morning() -> None:
    """A daily boundary is the start of the campus day; hours are counted from it."""
    assert DAILY.after("2026-09-14T04:00:00Z") == "2026-09-14T20:00:00Z"
    assert DAILY.after("2026-09-14T20:00:00Z") == "2026-09-15T20:00:00Z"
    assert HOURLY.after("2026-09-14T04:10:00Z") == "2026-09-14T05:00:00Z"
    assert HOURLY.last_before(datetime(2026, 9, 14, 4, 10, tzinfo=UTC)) == "2026-09-14T04:00:00Z"


def test_days_stay_aligned_when_clocks_change() -> None:
    """The day on which summer time ends has 25 hours, and the next still begins at 04:00."""
    new_york = Boundaries(86_400, ZoneInfo("America/New_York"))
    assert new_york.after("2026-10-31T12:00:00Z") == "2026-11-01T09:00:00Z"
    assert new_york.after("2026-11-01T09:00:00Z") == "2026-11-02T09:00:00Z"


@given(TIMES, st.sampled_from([DAILY, HOURLY, Boundaries(86_400, ZoneInfo("Europe/Berlin"))]))
def test_boundaries_move_on_and_skip_none(time: str, boundaries: Boundaries) -> None:
    """The next boundary is later, and within one interval (and the hour of a clock change)."""
    following = boundaries.after(time)
    gap = (parse_utc(following) - parse_utc(time)).total_seconds()
    assert 0 < gap <= boundaries.interval_s + 3_600  # the hour that autumn adds
    assert boundaries.after(following) > following


@given(TIMES, st.integers(0, 40))
def test_a_gap_is_filled_with_every_boundary_in_it(time: str, days: int) -> None:
    """All boundaries between watermark and event are due, in order, up to the limit."""
    clock = TickClock().seen(time)
    end = time
    for _ in range(days):
        end = DAILY.after(end)
    due = list(DAILY.between(clock, end, 400))
    assert len(due) == days
    assert due == sorted(set(due))
    assert list(DAILY.between(clock, end, 5)) == due[-5:]


def test_nothing_is_due_before_the_first_event() -> None:
    """A clock that saw nothing has no boundary to cross."""
    assert list(DAILY.between(TickClock(), "2026-09-14T04:00:00Z", 400)) == []


def test_the_clock_never_goes_back() -> None:
    """An older event leaves the watermark, a tick counts as time reached."""
    clock = TickClock().seen("2026-09-14T04:00:00Z").seen("2026-09-13T04:00:00Z")
    assert clock.watermark == "2026-09-14T04:00:00Z"
    assert clock.started == "2026-09-14T04:00:00Z"
    assert clock.ticked("2026-09-20T00:00:00Z").reached == "2026-09-20T00:00:00Z"


@pytest.mark.parametrize("interval_s", [900, 3_600, 86_400])
@pytest.mark.parametrize("up_to", ["2099-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_a_leap_of_centuries_walks_only_the_last_boundaries(
    monkeypatch: pytest.MonkeyPatch, interval_s: int, up_to: str
) -> None:
    """One wrong year costs a few hundred steps and raises nothing, also in the year 9999."""
    boundaries = Boundaries(interval_s, SHANGHAI)
    steps: list[str] = []
    after = Boundaries.after

    def counted(self: Boundaries, time: str) -> str:
        steps.append(time)
        return after(self, time)

    monkeypatch.setattr(Boundaries, "after", counted)
    due = list(boundaries.between(TickClock().seen("2026-09-14T04:00:00Z"), up_to, 400))
    if up_to < "9999":  # the calendar's last day has no end, hence no boundary
        assert len(due) == 400
    gap = timedelta(seconds=(len(due) - 1) * interval_s)
    assert parse_utc(due[-1]) - parse_utc(due[0]) == gap
    assert len(steps) < 450
    assert boundaries.next_due(TickClock().seen(up_to)) > up_to


@given(
    TIMES,
    st.integers(0, 400),
    st.integers(1, 60),
    st.builds(
        Boundaries,
        st.sampled_from([3_600, 7_000, 86_400]),
        st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai"]).map(ZoneInfo),
    ),
)
def test_the_last_boundaries_are_those_of_the_whole_walk(
    time: str, steps: int, most: int, boundaries: Boundaries
) -> None:
    """Starting near the end gives what walking every boundary would, also over clock changes."""
    every: list[str] = []
    end = time
    for _ in range(steps):
        end = boundaries.after(end)
        every.append(end)
    assert list(boundaries.between(TickClock().seen(time), end, most)) == every[-most:]
