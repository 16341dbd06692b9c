"""Times on the wire: RFC 3339 in, `YYYY-MM-DDTHH:MM:SSZ` out; and campus days, remembered."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.kernel.campus_time import campus_day, format_utc

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_WIRE_LENGTH = 20
_HOUR = 13
_MINUTE = 16
_CACHE_LIMIT = 100_000
EARLIEST = "2000-01-01T00:00:00Z"
LATEST = "9999-12-31T23:59:59Z"  # for moments inside data
LATEST_EVENT = "2099-12-31T23:59:59Z"  # features believes no later one either


def normalise(text: str) -> str | None:
    """Return the wire's one form of an RFC 3339 time (seconds are cut off), None if it is not one.

    >>> normalise("2026-03-02T08:30:00.9+08:00")
    '2026-03-02T00:30:00Z'
    """
    try:
        if (
            len(text) == _WIRE_LENGTH
            and text[19] == "Z"
            and text[10] == "T"
            and text[4] == text[7] == "-"
            and text[13] == ":"
            and text.isascii()
        ):
            datetime.fromisoformat(text)
            return text
        if not _RFC3339.fullmatch(text):
            return None
        return format_utc(datetime.fromisoformat(text)).rjust(_WIRE_LENGTH, "0")
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The times that are believed, in the wire's form, so that they compare as text."""

    earliest: str = EARLIEST
    latest: str = LATEST_EVENT


def window_at(now: datetime, max_future_s: float | None) -> TimeWindow:
    """Return what is believed at `now`; without `max_future_s` this century is (replays)."""
    if max_future_s is None:
        return TimeWindow()
    try:
        latest = format_utc(now + timedelta(seconds=max_future_s))
    except OverflowError:
        return TimeWindow()
    return TimeWindow(latest=min(latest, LATEST_EVENT))


class CampusDays:
    """Maps wire times to campus days, one calculation an hour where the hour lies in one day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._by_hour: dict[str, str | None] = {}
        self._by_minute: dict[str, str] = {}

    def day(self, time: str) -> str:
        """Return the campus day, `YYYY-MM-DD`, of a normalised time."""
        hour = time[:_HOUR]
        try:
            known = self._by_hour[hour]
        except KeyError:
            known = self._learn(hour)
        return known if known is not None else self._exact(time[:_MINUTE])

    def _learn(self, hour: str) -> str | None:
        first, last = (self._of(f"{hour}:{minute}:00Z") for minute in ("00", "59"))
        if len(self._by_hour) >= _CACHE_LIMIT:
            self._by_hour.clear()
        self._by_hour[hour] = first if first == last else None
        return self._by_hour[hour]

    def _exact(self, minute: str) -> str:
        day = self._by_minute.get(minute)
        if day is None:
            if len(self._by_minute) >= _CACHE_LIMIT:
                self._by_minute.clear()
            day = self._by_minute[minute] = self._of(f"{minute}:00Z")
        return day

    def _of(self, time: str) -> str:
        moment = datetime.fromisoformat(time)
        try:
            return campus_day(moment, self.zone).isoformat()
        except OverflowError:
            return moment.astimezone(UTC).date().isoformat()
