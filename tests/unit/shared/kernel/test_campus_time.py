"""Campus days and the wire's one form of time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.campus_time import campus_day, day_start, format_utc, parse_utc

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")  # has daylight saving time
MOMENTS = st.datetimes(
    datetime(2000, 1, 2),
    datetime(2099, 12, 30),
    timezones=st.just(UTC),
)


def test_a_late_night_belongs_to_its_evening() -> None:
    """03:59 local time is still the day before, 04:00 begins the new one."""
    before = datetime(2026, 9, 14, 3, 59, tzinfo=SHANGHAI)
    assert campus_day(before, SHANGHAI) == date(2026, 9, 13)
    assert campus_day(before + timedelta(minutes=1), SHANGHAI) == date(2026, 9, 14)


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN], ids=str)
@given(moment=MOMENTS)
def test_a_moment_lies_in_its_campus_day(zone: ZoneInfo, moment: datetime) -> None:
    """The day of a moment starts at or before it and ends after it, clock changes included."""
    day = campus_day(moment, zone)
    assert day_start(day, zone) <= moment + timedelta(hours=1)
    assert moment < day_start(day + timedelta(days=1), zone) + timedelta(hours=1)


@given(moment=MOMENTS)
def test_the_wire_form_reads_back(moment: datetime) -> None:
    """Formatting keeps whole seconds, in 20 characters."""
    text = format_utc(moment)
    assert len(text) == 20
    assert parse_utc(text) == moment.replace(microsecond=0)


def test_a_time_without_offset_is_refused() -> None:
    """A local time is ambiguous and raises ValueError."""
    with pytest.raises(ValueError, match="no UTC offset"):
        parse_utc("2026-09-14T12:00:00")
