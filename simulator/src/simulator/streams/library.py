"""The library: visits in and out, and loans that its system knows by the day only."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import LIBRARY as FEED
from simulator.health import LIBRARY
from simulator.life import LIBRARY_MOOD, Day
from simulator.randomness import overdispersed, pick, seconds_by_hour
from simulator.table import Table, table

GATE_KIND = "lantern.gate.passed.v1"
LOAN_KIND = "lantern.library.loaned.v1"
_CLOSES_S = int(22.6 * 3600)
_NOON_S, _NIGHT_S = 12 * 3600, 26 * 3600
_ACTIONS = np.array(["loan", "return", "renewal", "overdue"])
_ACTION_WEIGHTS = np.array([0.47, 0.40, 0.09, 0.04])
_ITEMS_BEYOND_FIRST = 1.1


def visits(day: Day) -> list[Table]:
    """Return gate passes and loans of one day."""
    rng = day.rng("library")
    return [_gate(day, rng), _loans(day, rng)]


def _gate(day: Day, rng: np.random.Generator) -> Table:
    exam = 1.25 if day.calendar.exam else 1.0
    rate = (
        p.LIBRARY_VISITS
        * p.LIBRARY_WEEKDAY[day.calendar.weekday]
        * day.activity
        * day.calendar.factor
        * exam
        * np.exp(day.traits.library + 1.2 * day.moods[:, LIBRARY_MOOD] - 0.9 * day.shift(LIBRARY))
    )
    count = overdispersed(rng, rate * day.outgoing, p.LIBRARY_K)
    student = np.repeat(np.arange(day.everyone), np.minimum(count, 6))
    enters = seconds_by_hour(rng, p.LIBRARY_HOURS, len(student))
    stay = np.exp(rng.normal(p.LIBRARY_STAY_LN, p.LIBRARY_STAY_SD, len(student))) * 3600
    stay *= np.exp(-0.2 * day.shift(LIBRARY)[student])
    leaves = np.minimum(enters + stay.astype(np.int64), np.maximum(_CLOSES_S, enters + 120))
    seen = rng.random(len(student)) < p.LIBRARY_EXIT_SEEN
    who = np.concatenate([student, student[seen]])
    return table(
        GATE_KIND,
        FEED,
        who,
        day.calendar.midnight + np.concatenate([enters, leaves[seen]]),
        gate=np.full(len(who), "library"),
        place=np.where(day.traits.building[who] % 3 == 0, "library-2", "library-1"),
        direction=np.repeat(np.array(["in", "out"]), [len(student), int(seen.sum())]),
        granted=rng.random(len(who)) >= p.DENIED,
    )


def _loans(day: Day, rng: np.random.Generator) -> Table:
    rate = (
        p.LOAN_VISITS
        * day.activity
        * day.calendar.factor
        * np.exp(day.traits.loans - 0.5 * day.shift(LIBRARY))
    )
    student = np.flatnonzero(rng.poisson(rate * day.outgoing) > 0)
    size = len(student)
    return table(
        LOAN_KIND,
        FEED,
        student,
        np.full(size, day.calendar.midnight + _NOON_S, dtype=np.int64),
        ready=np.full(size, day.calendar.midnight + _NIGHT_S, dtype=np.int64),
        action=_ACTIONS[pick(rng, _ACTION_WEIGHTS, size)],
        items=1 + rng.poisson(_ITEMS_BEYOND_FIRST, size).astype(np.int64),
    )
