"""Event times into campus days and minutes, a whole batch at once."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from shared.kernel.campus_time import DAY_STARTS_AT_HOUR, parse_utc

Ints = NDArray[np.int64]
DAY_S = 86_400
_QUARTER_S = 900
_QUARTERS = DAY_S // _QUARTER_S
_WIRE_LENGTH = 20
_SHIFT_S = DAY_STARTS_AT_HOUR * 3600
_ZED, _TEE = ord("Z"), ord("T")


EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def moment_seconds(text: str) -> int:
    """Return the seconds of one time that a campus can mean, 1990 to 2099.

    Raises:
        ValueError: it cannot be read, or means another century.
    """
    second = int(to_seconds([text])[0])
    if not EARLIEST <= second < LATEST:
        raise ValueError("time is outside 1990 to 2099")
    return second


def to_seconds(times: list[str]) -> Ints:
    """Return UTC seconds since 1970 of times in any RFC 3339 form, fast for the wire's own.

    Raises:
        ValueError: at least one time cannot be read.
    """
    if not times:
        return np.empty(0, np.int64)
    joined = "".join(times)
    if len(joined) == _WIRE_LENGTH * len(times) and joined.isascii():
        letters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, _WIRE_LENGTH)
        if (letters[:, 19] == _ZED).all() and (letters[:, 10] == _TEE).all():
            moments = letters.view("S20").ravel().astype("S19").astype("M8[s]")
            return moments.astype(np.int64)
    return np.array([int(parse_utc(text).timestamp()) for text in times], np.int64)


class CampusClock:
    """Local time of one zone; offsets come from a table of quarter hours a UTC day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._offsets: dict[int, Ints] = {}

    def days_and_minutes(self, seconds: Ints) -> tuple[Ints, Ints]:
        """Return campus day numbers (days since 1970) and minutes since 04:00 local time."""
        days, rest = np.divmod(seconds + self._offset(seconds) - _SHIFT_S, DAY_S)
        return days, rest // 60

    def day_of(self, second: int) -> int:
        """Return the campus day number of one moment."""
        return int(self.days_and_minutes(np.array([second], np.int64))[0][0])

    def _offset(self, seconds: Ints) -> Ints | np.int64:
        utc_days = seconds // DAY_S
        if len(seconds) == 0:
            return np.int64(0)
        first, last = int(utc_days.min()), int(utc_days.max())
        if last - first > len(seconds):
            kinds = [int(day) for day in np.unique(utc_days)]
        else:
            kinds = list(range(first, last + 1))
        tables = [self._table(day) for day in kinds]
        base = tables[0][0]
        if all((table == base).all() for table in tables):
            return np.int64(base)
        where = np.searchsorted(np.array(kinds, np.int64), utc_days)
        offsets: Ints = np.stack(tables)[where, (seconds % DAY_S) // _QUARTER_S]
        return offsets

    def _table(self, utc_day: int) -> Ints:
        table = self._offsets.get(utc_day)
        if table is None:
            table = self._offsets[utc_day] = self._compute(utc_day)
        return table

    def _compute(self, utc_day: int) -> Ints:
        start = utc_day * DAY_S
        return np.array(
            [self._offset_at(start + quarter * _QUARTER_S) for quarter in range(_QUARTERS)],
            np.int64,
        )

    def _offset_at(self, second: int) -> int:
        offset = datetime.fromtimestamp(second, UTC).astimezone(self.zone).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0


def seconds_text(second: int) -> str:
    """Return seconds since 1970 in the wire's form, `YYYY-MM-DDTHH:MM:SSZ`."""
    return f"{np.datetime64(second, 's')}Z"
