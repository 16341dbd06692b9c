"""Simulated terms through the real feature service, without a broker: history and truth.

Every event of the simulator is encoded as ingest would publish it and applied by the service's own
code, late, lost and doubled rows included. A tick a week carries the yields as they were known
then; at each the service keeps a moment, and `training.dataset build` reads them.
"""

import asyncio
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from features import tables
from features.domain.emission import FlushRule
from features.main import _MIGRATIONS as MIGRATIONS
from features.repository import CheckpointRepository
from features.service import FeatureService, Part, Rules
from shared.contracts.codec import encode
from shared.contracts.event import FeedDay, FeedYield, Tick
from shared.contracts.student import Mask, StudentFacts
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.campus_time import day_start, format_utc
from simulator.campus import Campus, build_campus
from simulator.config import CampusConfig
from simulator.delivery import Outage
from simulator.encode import EventEncoder
from simulator.events import DayEvents
from simulator.feeds import FEEDS
from simulator.health import UNWELL, WORSENING
from simulator.simulation import Simulation, simulate

_WEEK = 7
_TOLD_DAYS = 16  # of yields in a tick: a week, and as long as a row can be late
_DAY_S = 86_400
_BATCH = 20_000


@dataclass(frozen=True)
class Lived:
    """Where a term's history and truth are."""

    database: str
    truth: Path


@dataclass(frozen=True)
class _Term:
    simulation: Simulation
    names: list[str]
    without: frozenset[str]

    @property
    def zone(self) -> ZoneInfo:
        return self.simulation.config.zone


def live(config: CampusConfig, folder: Path, *, name: str, without: Iterable[str] = ()) -> Lived:
    """Live through a campus's term; feeds in `without` do not exist there.

    `name` tells its students from those of other campuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    simulation = simulate(config)
    term = _Term(simulation, names_of(simulation.campus, name), frozenset(without))
    url = f"sqlite+aiosqlite:///{folder / 'features.db'}"
    asyncio.run(_live(term, url))
    _write_truth(term, folder / "truth.csv")
    return Lived(url, folder / "truth.csv")


def names_of(campus: Campus, name: str) -> list[str]:
    """Return what the data sets of a campus call its students."""
    return [f"{name}:{number}" for number in campus.numbers]


def write_groups(campuses: Iterable[tuple[str, CampusConfig]], path: Path) -> None:
    """Write college and intake year of named campuses' students, as their rosters say."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("student", "college", "intake"))
        for name, config in campuses:
            campus = build_campus(config)
            colleges = [campus.colleges[one].id for one in campus.college.tolist()]
            known = (names_of(campus, name), colleges, campus.intake.tolist())
            writer.writerows(zip(*known, strict=True))


async def _live(term: _Term, url: str) -> None:
    database, repository = Database(url), CheckpointRepository()
    await upgrade(database, MIGRATIONS, tables.metadata)
    rules = Rules(term.zone, flush=FlushRule("ticks"))
    service = FeatureService(rules, lambda: 0.0, b"simulated")
    service.load(0, None)
    for facts in _facts(term):
        service.learn(0, facts.student, facts)
    offset = 0
    for number, values in _log(term):
        for start in range(0, len(values), _BATCH):
            piece = values[start : start + _BATCH]
            service.handle([Part(0, range(offset, offset + len(piece)), piece)])
            offset += len(piece)
        if number % _WEEK == 0:
            async with database.write() as connection:
                await repository.save(connection, service.snapshot([0]))
    async with database.write() as connection:
        await repository.save(connection, service.snapshot([0]))
    await database.close()


def _log(term: _Term) -> Iterator[tuple[int, list[bytes]]]:
    """Yield each day's encoded events, on the last day of a week with the tick that follows."""
    encoder = EventEncoder(
        term.names, run="starter", domain=term.simulation.config.domain, feed_attribute=True
    )
    outages = term.simulation.outages()
    for day in term.simulation.days():
        kept = DayEvents(
            day.number, day.date, tuple(t for t in day.tables if t.feed not in term.without)
        )
        values = [value for chunk in kept.chunks(encoder) for value in chunk.payload]
        if (day.number + 1) % _WEEK == 0:
            values.append(encode(_tick(term, day.date + timedelta(days=1), outages)))
        yield day.number, values


def _tick(term: _Term, morning: date, outages: list[Outage]) -> Tick:
    opens = day_start(morning, term.zone)
    told = [
        FeedYield(
            feed=name,
            types=list(feed.types),
            state="alive",
            days=[
                FeedDay(day.isoformat(), 0, _share(term, name, day, outages, opens.timestamp()))
                for day in (morning - timedelta(days=back + 1) for back in range(_TOLD_DAYS))
            ],
        )
        for name, feed in FEEDS.items()
        if name not in term.without
    ]
    return Tick(id=f"tick-{morning}", time=format_utc(opens), feeds=told)


def _share(  # noqa: PLR0917 - one private use
    term: _Term, feed: str, day: date, outages: list[Outage], now: float
) -> float:
    """Return what had come by now of a day: all but lost hours and those still held back."""
    opens = day_start(day, term.zone).timestamp()
    missing = sum(
        max(0.0, min(one.end, opens + _DAY_S) - max(one.start, opens))
        for one in outages
        if one.feed == feed and (one.lost or one.end > now)
    )
    return round(max(0.0, 1.0 - missing / _DAY_S), 4)


def _facts(term: _Term) -> Iterator[StudentFacts]:
    """Yield what directory would say: the calendar joined with each student's leave."""
    simulation, calendar = term.simulation, list(_calendar(term))
    leave: dict[int, list[Mask]] = {}
    for student, first, last in simulation.leaves():
        leave.setdefault(student, []).append(_mask(simulation, "leave", first, last))
    for student, name in enumerate(term.names):
        yield StudentFacts(
            student=name, school="s1", college="c1", team="t1", enrolled=True, degree="master",
            intake=2025, masks=[*calendar, *leave.get(student, [])],
            updated_at=format_utc(simulation.start), version=1,
        )  # fmt: skip


def _calendar(term: _Term) -> Iterator[Mask]:
    days = [term.simulation.calendar.day(n) for n in range(-120, term.simulation.config.days + 9)]
    for is_off, run in groupby(days, key=lambda day: day.holiday or day.vacation):
        numbers = [day.number for day in run]
        if is_off:
            yield _mask(term.simulation, "holiday", numbers[0], numbers[-1])
    for is_exam, run in groupby(days, key=lambda day: day.exam):
        numbers = [day.number for day in run]
        if is_exam:
            yield _mask(term.simulation, "exam", numbers[0], numbers[-1])


def _mask(simulation: Simulation, kind: str, first: int, last: int) -> Mask:
    origin = simulation.calendar.first_day
    start, end = (origin + timedelta(days=n) for n in (first, last))
    return Mask(kind, start.isoformat(), end.isoformat())  # type: ignore[arg-type]


def _write_truth(term: _Term, path: Path) -> None:
    """Write who was worsening or unwell, for the mornings that have a tick."""
    simulation = term.simulation
    with path.open("w", encoding="utf-8") as file:
        file.write("student,day,state,label\n")
        for number in range(_WEEK, simulation.config.days + 1, _WEEK):
            state = simulation.health.day(number).state
            day = simulation.calendar.day(number).date.isoformat()
            for name, label in zip(term.names, np.isin(state, (WORSENING, UNWELL)), strict=True):
                file.write(f"{name},{day},-,{int(label)}\n")
