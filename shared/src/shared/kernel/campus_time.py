"""Campus days: a day begins at 04:00 local time, so that a late night belongs to its evening."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY_STARTS_AT_HOUR = 4
DAY_STARTS_AT_S = DAY_STARTS_AT_HOUR * 3600


def campus_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the campus day that holds an aware moment."""
    return (moment.astimezone(zone) - timedelta(hours=DAY_STARTS_AT_HOUR)).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a campus day, in UTC."""
    local = datetime(day.year, day.month, day.day, DAY_STARTS_AT_HOUR, tzinfo=zone)
    return local.astimezone(UTC)


def parse_utc(text: str) -> datetime:
    """Parse an RFC 3339 time with an offset into UTC; raises ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("time has no UTC offset")
    return moment.astimezone(UTC)


def format_utc(moment: datetime) -> str:
    """Format as the wire's one form, `YYYY-MM-DDTHH:MM:SSZ` (20 characters, whole seconds)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
