"""Events straight to `campus.events.v1`, as ingest would have written them: for benchmarks.

Subjects are pseudonyms, every event names its feed, and a tick in every partition closes each
campus day before the first delivery of the next.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import inf
from statistics import median

from shared.contracts.codec import encode
from shared.contracts.event import FeedDay, FeedYield, Tick
from shared.contracts.topics import CAMPUS_EVENTS
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.campus_time import day_start, format_utc
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import stable_id
from shared.stream.ports import Outgoing, Sink
from simulator.encode import EventEncoder
from simulator.events import Chunk, DayEvents
from simulator.feeds import FEEDS, Feed
from simulator.pacing import Pace
from simulator.progress import OnProgress, Progress, StreamReport, ignore_progress
from simulator.simulation import Simulation

TICK_KEY = b"tick"
_DAYS_IN_TICK = 7
_LEAST_HISTORY = 3
_RARE_S = 2 * 86_400
_CHUNK = 5_000


class KafkaStreamer:
    """Publishes a simulation through a sink; the sink's partitioner places each pseudonym."""

    def __init__(
        self,
        sink: Sink,
        pseudonymiser: Pseudonymiser,
        *,
        partitions: int,
        clock: Clock | None = None,
        on_progress: OnProgress = ignore_progress,
    ) -> None:
        self._sink = sink
        self._pseudonymiser = pseudonymiser
        self._partitions = partitions
        self._clock = clock or SystemClock()
        self._on_progress = on_progress

    async def replay(
        self, simulation: Simulation, days: Iterable[DayEvents] | None = None, *, speed: float = inf
    ) -> StreamReport:
        """Publish the run (or the given days) with its ticks, the closing one included."""
        pace = Pace(self._clock, speed)
        keys = [self._pseudonymiser.pseudonym(number) for number in simulation.campus.numbers]
        encoder = EventEncoder(
            keys, run=simulation.config.run, domain=simulation.config.domain, feed_attribute=True
        )
        key_bytes = [key.encode() for key in keys]
        ledger = YieldLedger(simulation)
        sent = 0
        opened: date | None = None
        for day in simulation.days() if days is None else days:
            await self._sink.publish(self._tick(simulation, day.date, ledger))
            ledger.add(day)
            opened = day.date
            for chunk in day.chunks(encoder, _CHUNK):
                await pace.reach(float(chunk.delivered[0]))
                await self._sink.publish(_outgoing(chunk, key_bytes))
                sent += len(chunk)
                moment = datetime.fromtimestamp(int(chunk.delivered[-1]), UTC)
                self._on_progress(Progress(sent, moment))
        if opened is not None:
            await self._sink.publish(self._tick(simulation, opened + timedelta(days=1), ledger))
        return StreamReport(sent=sent, accepted=sent)

    def _tick(self, simulation: Simulation, day: date, ledger: "YieldLedger") -> list[Outgoing]:
        """Return the tick at the first moment of a campus day, once a partition."""
        time = format_utc(day_start(day, simulation.config.zone))
        value = encode(Tick(id=stable_id("tick", time), time=time, feeds=ledger.yields(day)))
        return [
            Outgoing(topic=CAMPUS_EVENTS.name, key=TICK_KEY, value=value, partition=number)
            for number in range(self._partitions)
        ]


def _outgoing(chunk: Chunk, keys: list[bytes]) -> list[Outgoing]:
    return [
        Outgoing(topic=CAMPUS_EVENTS.name, key=keys[student], value=value)
        for student, value in zip(chunk.student.tolist(), chunk.payload, strict=True)
    ]


class YieldLedger:
    """What each feed delivered for each campus day, and what share of its usual that is."""

    def __init__(self, simulation: Simulation) -> None:
        self._calendar = simulation.calendar
        self._received: dict[str, Counter[date]] = {name: Counter() for name in FEEDS}

    def add(self, day: DayEvents) -> None:
        """Count a day's deliveries under the campus days of their events."""
        for rows in day.tables:
            numbers = Counter(rows.day.tolist())
            for number, count in numbers.items():
                when = self._calendar.first_day + timedelta(days=number)
                self._received[rows.feed][when] += count

    def yields(self, today: date) -> list[FeedYield]:
        """Return every feed's last closed days before `today`, as a tick carries them."""
        return [self._of(FEEDS[name], today) for name in sorted(FEEDS)]

    def _of(self, feed: Feed, today: date) -> FeedYield:
        received = self._received[feed.name]
        days = [today - timedelta(days=n) for n in range(_DAYS_IN_TICK, 0, -1)]
        shares = [FeedDay(d.isoformat(), received[d], self._share(feed, d)) for d in days]
        quiet = feed.cadence_s <= _RARE_S and received[days[-1]] == 0
        return FeedYield(feed.name, list(feed.types), "dead" if quiet else "alive", shares)

    def _share(self, feed: Feed, day: date) -> float:
        received = self._received[feed.name]
        if feed.cadence_s > _RARE_S:
            return 1.0
        usual = [
            received[before]
            for before in (day - timedelta(days=7 * n) for n in range(1, 5))
            if received[before]
        ]
        if received[day] == 0:
            return 0.0
        if len(usual) < _LEAST_HISTORY:
            return 1.0
        return round(min(1.0, received[day] / float(median(usual))), 4)
