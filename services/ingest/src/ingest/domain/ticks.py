"""When a tick is due: boundaries that are aligned to the campus day, and where the last one was."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.kernel.campus_time import campus_day, day_start, format_utc, parse_utc

_DAY = timedelta(days=1)
_HALF_YEAR_DAYS = 180
_INSTANT = timedelta(seconds=1)
NEVER = "~"  # after every time, as text


@dataclass(frozen=True, slots=True)
class TickClock:
    """Where event time stands: first and newest accepted time, and the last tick published."""

    started: str | None = None
    watermark: str | None = None
    last_tick: str | None = None

    def seen(self, time: str) -> "TickClock":
        """Return the clock after an event was accepted."""
        if self.watermark is None:
            return replace(self, started=time, watermark=time)
        return replace(self, watermark=time) if time > self.watermark else self

    def ticked(self, time: str) -> "TickClock":
        return replace(self, last_tick=time)

    @property
    def reached(self) -> str | None:
        """The later of watermark and last tick: the next boundary lies after it."""
        return max(filter(None, (self.watermark, self.last_tick)), default=None)


@dataclass(frozen=True)
class Boundaries:
    """Boundaries every `interval_s` from the start of each campus day (04:00 local time)."""

    interval_s: int
    zone: ZoneInfo

    def after(self, time: str) -> str:
        """Return the first boundary later than `time`."""
        return format_utc(self._after(parse_utc(time)))

    def _after(self, moment: datetime) -> datetime:
        day = campus_day(moment, self.zone)
        start, end = day_start(day, self.zone), day_start(day + timedelta(days=1), self.zone)
        step = timedelta(seconds=(self._steps(moment, start) + 1) * self.interval_s)
        return end if step >= _DAY else min(start + step, end)

    def _steps(self, moment: datetime, start: datetime) -> int:
        """Count whole intervals since the day began; the hour that autumn adds joins the last."""
        return int(min(moment - start, _DAY - _INSTANT).total_seconds()) // self.interval_s

    def next_due(self, clock: TickClock) -> str:
        """Return the boundary that an accepted event must reach to cause a tick."""
        return self._following(clock.reached) if clock.reached else NEVER

    def between(self, clock: TickClock, up_to: str, most: int) -> Iterator[str]:
        """Yield the boundaries that are due when time reaches `up_to`, at most the last `most`.

        A leap of centuries (one wrong year) costs no more than these: the walk starts near its end.
        """
        due: deque[str] = deque(maxlen=most)
        boundary = self.next_due(clock)
        if boundary <= up_to:
            boundary = max(boundary, self._near(up_to, most))
        while boundary <= up_to:
            due.append(boundary)
            boundary = self._following(boundary)
        yield from due

    def _near(self, up_to: str, most: int) -> str:
        """Return a boundary that has at least `most` boundaries from it to `up_to`, or ""."""
        try:
            span = timedelta(seconds=(most + 1) * self.interval_s)
            autumn_hours = timedelta(hours=2 + span.days // _HALF_YEAR_DAYS)
            return format_utc(self._after(parse_utc(up_to) - span - autumn_hours))
        except (ValueError, OverflowError):
            return ""

    def _following(self, boundary: str) -> str:
        try:
            return self.after(boundary)
        except (ValueError, OverflowError):
            return NEVER

    def last_before(self, moment: datetime) -> str:
        """Return the newest boundary at or before a moment (for ticks by the wall clock)."""
        day = campus_day(moment, self.zone)
        start = day_start(day, self.zone)
        return format_utc(start + timedelta(seconds=self._steps(moment, start) * self.interval_s))
