"""How events reach the outside: lags, batches, late readers, outages, duplicates.

After delivery a table's `ready` is the moment at which its feed hands the row over.
"""

from dataclasses import dataclass, replace

import numpy as np

from shared.kernel.campus_time import DAY_STARTS_AT_S
from simulator.academic import AcademicCalendar
from simulator.config import CampusConfig
from simulator.feeds import FEEDS, Feed
from simulator.randomness import generator
from simulator.spells import SpellPlan, Spells
from simulator.table import Bools, Ints, Table, concatenated

# no row is later than this many days after its own (the longest outage, the latest reader)
LATEST_DAYS = 8
_OUTAGE = SpellPlan("outage", 1, 4)
_READERS = 25
_LATE_HOURS = (3, 72)
_FEED_ORDER = tuple(FEEDS)
_DAY_S = 86_400


@dataclass(frozen=True)
class Outage:
    """A feed was away from `start` to `end` (epoch seconds); `lost` rows never come."""

    feed: str
    start: int
    end: int
    lost: bool


class Delivery:
    """Decides when each row is delivered, if at all; a function of (configuration, day)."""

    def __init__(self, config: CampusConfig, calendar: AcademicCalendar) -> None:
        self._config = config
        self._calendar = calendar
        chance = np.array([config.outage_rate * FEEDS[name].may_fail for name in _FEED_ORDER])
        self._spells = Spells(config.seed, _OUTAGE, chance)

    def outages(self, first: int, last: int) -> list[Outage]:
        """Return the outages that touch days `first` to `last`."""
        return [
            self._outage(feed, start, end) for feed, start, end in self._spells.between(first, last)
        ]

    def _outage(self, feed: int, start: int, end: int) -> Outage:
        rng = generator(self._config.seed, f"outage:{feed}", start)
        first = self._calendar.day(start).midnight + int(rng.integers(DAY_STARTS_AT_S, _DAY_S))
        length = (end - start + 1) * _DAY_S - int(rng.integers(0, _DAY_S // 2))
        return Outage(_FEED_ORDER[feed], first, first + length, lost=bool(rng.random() < 0.5))  # noqa: PLR2004 - half of them

    def deliver(self, day: int, rows: Table) -> Table:
        """Return the rows that are ever delivered, with `ready` set and duplicates added."""
        feed = FEEDS[rows.feed]
        rng = generator(self._config.seed, f"delivery:{rows.feed}:{rows.kind}", day)
        ready = rows.ready + rng.exponential(feed.lag_s, len(rows)).astype(np.int64)
        ready = self._late(rng, rows, _batched(feed, ready))
        kept, ready = self._survivors(day, rows, ready)
        delivered = replace(rows, ready=ready).take(kept)
        return self._doubled(rng, delivered)

    def _late(self, rng: np.random.Generator, rows: Table, ready: Ints) -> Ints:
        """Let readers that were offline hand over a whole day's rows at one later moment."""
        late = rng.random(_READERS) < self._config.late_share
        hours = rng.integers(*_LATE_HOURS, _READERS)
        reader = rows.student % _READERS
        handed_over = int(rows.ready.max(initial=0)) + hours * 3600
        limit = rows.time // _DAY_S * _DAY_S + (LATEST_DAYS - 3) * _DAY_S
        out: Ints = np.where(late[reader], np.minimum(handed_over[reader], limit), ready)
        return np.maximum(out, ready)

    def _survivors(self, day: int, rows: Table, ready: Ints) -> tuple[Bools, Ints]:
        kept: Bools = np.ones(len(rows), dtype=np.bool_)
        for outage in self.outages(day - _OUTAGE.longest - 1, day + 2):
            if outage.feed != rows.feed:
                continue
            inside = (ready >= outage.start) & (ready < outage.end)
            if outage.lost:
                kept &= ~inside
            else:
                ready = np.where(inside, outage.end, ready)
        return kept, ready

    def _doubled(self, rng: np.random.Generator, rows: Table) -> Table:
        again = rng.random(len(rows)) < self._config.duplicate_share
        if not again.any():
            return rows
        twice = rows.take(again)
        delay = rng.integers(1, 1800, len(twice))
        return concatenated([rows, replace(twice, ready=twice.ready + delay)])


def _batched(feed: Feed, ready: Ints) -> Ints:
    """Move rows to the end of their batch where the feed delivers in batches."""
    if feed.every_s == 0:
        return ready
    return (ready // feed.every_s + 1) * feed.every_s
