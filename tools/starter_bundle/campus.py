"""Vectors and labels of a simulated campus: the catalogue's own fold and evaluation, week by week.

The simulator's columns go through `shared.features.fold` as the service's columns do, duplicates
and late rows included, so that the model learns from what the service would compute.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.contracts.event import FeedDay, FeedYield
from shared.features import fold, life
from shared.features.catalogue import CATALOGUE
from shared.features.coverage import YieldBook, day_number
from shared.features.evaluate import FRAME_DAYS, chronological, evaluate
from shared.features.frame import Frame
from shared.features.slots import (
    MERCHANTS,
    MILESTONES,
    PRESENCE,
    RING_DAYS,
    DayArray,
    empty_days,
    empty_life,
)
from simulator.config import CampusConfig
from simulator.delivery import Outage
from simulator.feeds import FEEDS
from simulator.health import UNWELL, WORSENING
from simulator.simulation import Simulation, simulate
from simulator.table import Table

Array = NDArray[Any]
_LOCAL_S = 8 * 3600 - 4 * 3600  # Asia/Shanghai has no summer time; a campus day begins at 04:00
_DAY_S = 86_400
_DECIMALS = 4  # as the service publishes
EVALUATED_AT = 8 * 60  # noon


@dataclass(frozen=True)
class Weeks:
    """Rows of (student, week): inputs with NaN for missing, the label, who and when."""

    values: Array
    usual: Array
    coverage: Array
    label: Array
    student: Array
    day: Array
    first: str
    last: str


def weeks_of(config: CampusConfig, first_day: int) -> Weeks:
    """Simulate and return one row a student and week from day `first_day` of the run on.

    `label` says whether the student is worsening or unwell on that day.
    """
    simulation = simulate(config)
    origin = day_number(simulation.calendar.first_day.isoformat())
    ring, records = empty_days(config.students), empty_life(config.students)
    book, masked = _yields(simulation, origin), _masked(simulation)
    rows: list[tuple[Array, ...]] = []
    evaluated: list[int] = []
    for day in simulation.days():
        today = origin + day.number
        ring[:, (today + 1) % RING_DAYS] = np.zeros(1, dtype=ring.dtype)  # sessions reach tomorrow
        for table in day.tables:
            _fold(ring, records, _distinct(table), today)
        if day.number >= first_day and (day.number - first_day) % 7 == 0:
            rows.append(_evaluated(simulation, ring, records, book, masked, day.number, origin))
            evaluated.append(day.number)
    values, usual, coverage, label, student, when = (
        np.concatenate(parts) for parts in zip(*rows, strict=True)
    )
    dates = [date.fromordinal(simulation.calendar.first_day.toordinal() + n) for n in evaluated]
    return Weeks(
        values, usual, coverage, label, student, when, dates[0].isoformat(), dates[-1].isoformat()
    )


def _evaluated(  # noqa: PLR0917 - one private use
    simulation: Simulation,
    ring: DayArray,
    records: DayArray,
    book: YieldBook,
    masked: Array,
    number: int,
    origin: int,
) -> tuple[Array, ...]:
    """Evaluate everybody at noon of a day, from what was delivered by the end of the day before."""
    count = len(ring)
    end = origin + number + 1  # the day's events are in, so it is judged at the next day's noon
    frame = Frame(chronological(ring, np.arange(count), end), records, end, EVALUATED_AT)
    away = masked[:, number + 2 : number + 2 + FRAME_DAYS]
    vectors = evaluate(frame, book.matrix(end, FRAME_DAYS), away)
    state = simulation.health.day(number + 1).state
    return (
        np.round(vectors.values, _DECIMALS),
        np.round(vectors.usual, _DECIMALS),
        vectors.coverage,
        np.isin(state, (WORSENING, UNWELL)),
        np.arange(count),
        np.full(count, number + 1),
    )


def _yields(simulation: Simulation, origin: int) -> YieldBook:
    """Return full yields, less the hours of each outage whose rows were lost."""
    book, days = YieldBook(), simulation.config.days
    shares = {name: np.ones(days) for name in FEEDS}
    midnight = simulation.calendar.day(0).midnight + 4 * 3600
    for outage in simulation.outages():
        if outage.lost:
            _cut(shares[outage.feed], outage, midnight)
    for name, share in shares.items():
        told = [
            FeedDay(
                date.fromordinal(simulation.calendar.first_day.toordinal() + n).isoformat(), 0, s
            )
            for n, s in enumerate(share.tolist())
        ]
        book.absorb([FeedYield(name, list(FEEDS[name].types), "alive", told)])
    assert book.matrix(origin, 1).any()  # noqa: S101 - the days are those of the run
    return book


def _cut(share: Array, outage: Outage, midnight: int) -> None:
    for day in range(len(share)):
        opens = midnight + day * _DAY_S
        lost = min(outage.end, opens + _DAY_S) - max(outage.start, opens)
        share[day] = round(max(0.0, share[day] - max(lost, 0) / _DAY_S), 4)


def _masked(simulation: Simulation) -> Array:
    """Return `[students, days]` from 85 days before the run on: holidays, breaks and leave."""
    lead = FRAME_DAYS
    days = range(-lead, simulation.config.days + 2)
    away = np.array([(day := simulation.calendar.day(n)).holiday or day.vacation for n in days])
    masked = np.tile(away, (simulation.config.students, 1))
    for student, first, last in simulation.leaves():
        masked[student, max(first + lead, 0) : last + lead + 1] = True
    return masked


def _distinct(table: Table) -> Table:
    """Drop repeats of the same event within a delivery, as ingest does."""
    key = table.day * 1_000_000_000 + table.number
    _, first = np.unique(key, return_index=True)
    return table.take(np.sort(first))


def _fold(ring: DayArray, records: DayArray, table: Table, today: int) -> None:
    local = table.time + _LOCAL_S
    clocked = np.full(len(table), table.kind != "lantern.library.loaned.v1")
    at = fold.Moments(
        table.student, local // _DAY_S, (local % _DAY_S // 60).astype(np.int16), clocked
    )
    if table.kind == "lantern.grade.posted.v1":
        _grades(records, at, table.fields)
    elif table.kind == "lantern.milestone.set.v1":
        _milestones(records, at, table.fields)
    else:
        if table.kind == "lantern.advisor.contacted.v1":
            met = np.asarray(table.fields["kind"]) == "meeting"
            life.apply_last_day(records, "advisor", at.rows[met], at.days[met])
        elif table.kind == "lantern.literature.progressed.v1":
            life.apply_last_day(records, "literature", at.rows, at.days)
        updates = _updates(at, table)
        fold.apply(ring, updates, oldest=today - RING_DAYS + 2, newest=today + 1)


def _updates(at: fold.Moments, table: Table) -> list[fold.Update]:  # noqa: PLR0911 - a table of types
    fields, kind = table.fields, table.kind
    if kind == "lantern.card.swiped.v1":
        return fold.card(at, _index(fields["merchant"], MERCHANTS), fields["amount"])
    if kind == "lantern.gate.passed.v1":
        gates, places = _index(fields["gate"], fold.GATES), _places(fields["place"])
        inward = np.asarray(fields["direction"]) == "in"
        granted = np.asarray(fields["granted"], dtype=np.bool_)
        return fold.gate(at, gates, places, inward=inward, granted=granted)
    if kind == "lantern.network.used.v1":
        long = (np.asarray(fields["end"], dtype=np.int64) - table.time) // 60
        octets = np.asarray(fields["bytes_up"], np.int64) + np.asarray(
            fields["bytes_down"], np.int64
        )
        leisure = np.asarray(fields["entertainment_minutes"], np.float64)
        return fold.network(at, long, _places(fields["building"]), octets, leisure=leisure)
    if kind == "lantern.library.loaned.v1":
        action = np.asarray(fields["action"])
        lent = np.isin(action, ("loan", "renewal"))
        return fold.loan(at, in_person=lent, overdue=action == "overdue")
    if kind == "lantern.learning.acted.v1":
        return fold.learning(at, _leads(table))
    if kind == "lantern.attendance.recorded.v1":
        kinds = _index(fields["kind"], fold.ATTENDANCE_KINDS)
        minutes = np.asarray(fields["minutes"], np.float64)
        attended = np.asarray(fields["status"]) == "attended"
        return fold.attendance(at, kinds, minutes, attended=attended)
    if kind == "lantern.network.flows.v1":
        return fold.flows(at, np.asarray(fields["durations"], np.int64))
    return fold.presence(at, kind) if kind in PRESENCE else []


def _leads(table: Table) -> Array:
    """Return the hours before the deadline of what was handed in, NaN for all else."""
    deadline = np.asarray(table.fields["deadline"], np.int64)
    due = (deadline != 0) & np.isin(table.fields["verb"], ("submitted", "completed"))
    return np.where(due, (deadline - table.time) / 3600.0, np.nan)


def _grades(records: DayArray, at: fold.Moments, fields: dict[str, Any]) -> None:
    points = np.asarray(fields["points"], dtype=np.float64)
    life.apply_grades(
        records,
        at.rows,
        at.days,
        _index(fields["status"], life.GRADE_STATUS),
        credits_=np.asarray(fields["credits"], dtype=np.float64),
        points=points,
        percentile=np.full(len(points), np.nan),
    )


def _milestones(records: DayArray, at: fold.Moments, fields: dict[str, Any]) -> None:
    numbers = [
        np.array([day_number(text) if text else 0 for text in fields[name].tolist()])
        for name in ("due", "done")
    ]
    kinds = _index(fields["kind"], MILESTONES)
    life.apply_milestones(records, at.rows, kind=kinds, due=numbers[0], done=numbers[1])


def _index(names: Any, known: tuple[str, ...]) -> Array:  # noqa: ANN401 - a column of text
    found, inverse = np.unique(names, return_inverse=True)
    return np.array([known.index(str(name)) for name in found])[inverse]


def _places(codes: Any) -> Array:  # noqa: ANN401 - a column of text
    found, inverse = np.unique(codes, return_inverse=True)
    return np.array([fold.place_index(str(code)) for code in found])[inverse]


FEATURES = [one.id for one in CATALOGUE]
