"""Times of the wire."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.times import CampusDays, normalise, window_at
from shared.kernel.campus_time import campus_day, format_utc, parse_utc

MOMENTS = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(9999, 12, 30))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, OFFSETS)
def test_any_offset_becomes_the_same_moment_in_utc(moment: datetime, offset: timezone) -> None:
    """A time with an offset is normalised to its moment in UTC, in whole seconds."""
    aware = moment.replace(tzinfo=offset)
    assert normalise(aware.isoformat()) == format_utc(aware).rjust(20, "0")


@given(MOMENTS)
def test_the_wire_form_is_a_fixed_point(moment: datetime) -> None:
    """A normalised time normalises to itself."""
    wire = format_utc(moment.replace(tzinfo=UTC)).rjust(20, "0")
    assert normalise(wire) == wire


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-14T04:00:00", "2026-09-14 04:00:00Z", "2026-09-14t04:00:00z",
        "20260914T040000.000Z",
        "2026-09-14T24:00:00Z", "2026-02-30T00:00:00Z", "2026-09-14T04:00:60Z",
        "2026-W01-1T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "２０２６-09-14T04:00:00Z", "",
        "2026-09-14T04:00:00+25:00", "2026-09-14T04:00:00.1234567890Z", "-026-09-14T04:00:00Z",
    ],
)  # fmt: skip
def test_what_is_not_rfc_3339_is_not_a_time(text: str) -> None:
    """Near misses, impossible dates and moments beyond the calendar are refused, not raised."""
    assert normalise(text) is None


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "UTC"])
@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)))
def test_campus_days_equal_the_plain_calculation(zone: str, moment: datetime) -> None:
    """The remembered campus day is the calculated one, also where 04:00 is not on a UTC hour."""
    days = CampusDays(ZoneInfo(zone))
    wire = format_utc(moment.replace(tzinfo=UTC))
    assert days.day(wire) == campus_day(parse_utc(wire), ZoneInfo(zone)).isoformat()
    assert days.day(wire) == days.day(wire)


def test_the_window_follows_the_clock_and_can_be_opened() -> None:
    """Live, the future ends ten minutes ahead; in a replay, and in any case, with the century."""
    now = datetime(2026, 9, 14, 12, tzinfo=UTC)
    assert window_at(now, 600.0).latest == "2026-09-14T12:10:00Z"
    for endless in (None, 1e10, 1e300):
        assert window_at(now, endless).latest == "2099-12-31T23:59:59Z"
