"""A campus in motion: days of events, what comes after them, and the truth beside them."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count
from math import inf

from shared.kernel.campus_time import DAY_STARTS_AT_S
from shared.kernel.clock import Clock
from simulator.academic import AcademicCalendar
from simulator.campus import build_campus
from simulator.config import CampusConfig
from simulator.delivery import LATEST_DAYS, Delivery, Outage
from simulator.encode import EventEncoder
from simulator.events import Chunk, DayEvents, gathered
from simulator.health import Health
from simulator.life import Day, Life
from simulator.streams import STREAMS
from simulator.table import Table, numbered
from simulator.traits import draw_traits

_DAY_S = 86_400
_BEAT_S = 1.0


class Simulation:
    """One campus and all of its time. Every method gives the same answer however often asked."""

    def __init__(self, config: CampusConfig) -> None:
        self.config = config
        self.campus = build_campus(config)
        self.calendar = AcademicCalendar(config)
        self.traits = draw_traits(self.campus)
        self.health = Health(config, self.traits.vulnerability)
        self._delivery = Delivery(config, self.calendar)

    @property
    def start(self) -> datetime:
        """Return the first moment of the run: 04:00 local time of its first day."""
        seconds = self.calendar.day(0).midnight + DAY_STARTS_AT_S
        return datetime.fromtimestamp(seconds, UTC)

    def days(self) -> Iterator[DayEvents]:
        """Yield the run's days, up to `config.end`, one at a time."""
        return self.between(self.start, self.config.end)

    def between(self, after: datetime, until: datetime | None = None) -> Iterator[DayEvents]:
        """Yield what is delivered at `after` or later and before `until` (None: without end).

        A moment may lie beyond `config.end`: life goes on. Empty days are left out.
        """
        first = after.timestamp()
        last = inf if until is None else until.timestamp()
        for day in self._delivered(max(self._number_at(first), 0)):
            opens = self.calendar.day(day.number).midnight + DAY_STARTS_AT_S
            if opens >= last:
                return
            inside = day.where(lambda rows: (rows.ready >= first) & (rows.ready < last))
            if len(inside):
                yield inside

    async def live(
        self, clock: Clock, *, speed: float = 1.0, since: datetime | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Yield deliveries as campus time passes, `speed` times as fast as the clock, for ever.

        Campus time begins at `since`, or where the run ended. A beat without deliveries yields an
        empty list.
        """
        begin = since or self.config.end
        began = clock.monotonic()
        encoder = self.encoder()
        done = begin.timestamp()
        for day in self.between(begin):
            closes = self.calendar.day(day.number + 1).midnight + DAY_STARTS_AT_S
            while done < closes:
                await clock.sleep(_BEAT_S)
                now = begin.timestamp() + (clock.monotonic() - began) * speed
                upto = min(now, float(closes))
                yield _chunks_between(day, encoder, done, upto)
                done = upto
                if now > closes:
                    break

    def encoder(self) -> EventEncoder:
        """Return the encoder for ingest: subjects are student numbers."""
        return EventEncoder(self.campus.numbers, run=self.config.run, domain=self.config.domain)

    def chunks(self, day: DayEvents) -> Iterator[Chunk]:
        """Encode a day in order of delivery, with the feed of each event."""
        return day.chunks(self.encoder())

    def to_cloudevents(self, day: DayEvents) -> Iterator[bytes]:
        """Encode a day's events as JSON CloudEvents in order of delivery."""
        for chunk in self.chunks(day):
            yield from chunk.payload

    def outages(self) -> list[Outage]:
        """Return the feeds' outages that touch the run."""
        return self._delivery.outages(0, self.config.days - 1)

    def leaves(self) -> list[tuple[int, int, int]]:
        """Return official leaves as (student, first day, last day), through the next 70 days."""
        return self._life().leaves(0, self.config.days + 69)

    def lived(self, first: int = 0) -> Iterator[tuple[Day, list[Table]]]:
        """Yield each day's facts and events as they happen, before any delivery."""
        life = self._life()
        life.jump(first)
        while True:
            day = life.next_day()
            yield day, _numbered(day.calendar.number, [t for s in STREAMS for t in s(day)])

    def _life(self) -> Life:
        return Life(self.campus, self.traits, self.health, self.calendar)

    def _number_at(self, moment: float) -> int:
        origin = self.calendar.day(0).midnight + DAY_STARTS_AT_S
        return int((moment - origin) // _DAY_S)

    def _delivered(self, first: int) -> Iterator[DayEvents]:
        """Yield deliveries by campus day from day `first`, for ever."""
        begin = max(first - LATEST_DAYS, 0)
        waiting: list[Table] = []
        for number, (_, tables) in zip(count(begin), self.lived(begin)):
            closes = self.calendar.day(number + 1).midnight + DAY_STARTS_AT_S
            waiting += [self._delivery.deliver(number, rows) for rows in tables]
            due = [rows.take(rows.ready < closes) for rows in waiting]
            waiting = [rows.take(rows.ready >= closes) for rows in waiting]
            waiting = [rows for rows in waiting if len(rows)]
            if number >= first:
                yield gathered(number, self.calendar.day(number).date, due)


def simulate(config: CampusConfig) -> Simulation:
    """Return the simulation of a configuration; nothing is drawn of its days yet."""
    return Simulation(config)


def _numbered(day: int, tables: list[Table]) -> list[Table]:
    """Count rows within (feed, day), so that an event's id is unique in its source."""
    used: dict[str, int] = {}
    out = []
    for rows in tables:
        first = used.get(rows.feed, 0)
        used[rows.feed] = first + len(rows)
        out.append(numbered(rows, day, first))
    return out


def _chunks_between(
    day: DayEvents, encoder: EventEncoder, after: float, until: float
) -> list[Chunk]:
    part = day.where(lambda rows: (rows.ready >= after) & (rows.ready < until))
    return list(part.chunks(encoder))
