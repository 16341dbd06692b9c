"""Dormitory doors and campus gates: trips out and back, some reads missed, few late returns."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import DOOR as FEED
from simulator.health import NIGHT, OUTINGS
from simulator.life import DOOR_MOOD, GATE_MOOD, Day
from simulator.randomness import overdispersed, seconds_by_hour
from simulator.table import Bools, Floats, Ints, Table, table

KIND = "lantern.gate.passed.v1"
_MOST_TRIPS = 8
_HOUR = 3600


def passes(day: Day) -> list[Table]:
    """Return the passes of dormitory doors and campus gates of one day."""
    rng = day.rng("doors")
    student, seconds, out = _dorm(day, rng)
    other, at, leaving = _campus_gate(day, rng)
    who = np.concatenate([student, other])
    place = np.concatenate(
        [
            np.char.add("dorm-", day.traits.building[student].astype(np.str_)),
            np.char.add("gate-", rng.integers(1, 5, len(other)).astype(np.str_)),
        ]
    )
    return [
        table(
            KIND,
            FEED,
            who,
            day.calendar.midnight + np.concatenate([seconds, at]),
            gate=np.repeat(np.array(["dorm", "campus"]), [len(student), len(other)]),
            place=place,
            direction=np.where(np.concatenate([out, leaving]), "out", "in"),
            granted=rng.random(len(who)) >= p.DENIED,
        )
    ]


def _dorm(day: Day, rng: np.random.Generator) -> tuple[Ints, Ints, Bools]:
    rate = (
        p.DOOR_TRIPS
        * p.DOOR_WEEKDAY[day.calendar.weekday]
        * day.activity
        * day.calendar.factor
        * np.exp(day.traits.door + 1.0 * day.moods[:, DOOR_MOOD] - 0.50 * day.shift(OUTINGS))
    )
    trips = np.minimum(overdispersed(rng, rate * day.outgoing, p.DOOR_K), _MOST_TRIPS)
    student, seconds, out = _there_and_back(rng, trips, p.DOOR_OUT_HOURS + p.DOOR_IN_HOURS)
    last = np.r_[student[1:] != student[:-1], True] if len(student) else out
    first = np.r_[True, student[1:] != student[:-1]] if len(student) else out
    late = last & (rng.random(len(student)) < _late_chance(day)[student])
    seconds = np.where(late, rng.integers(24 * _HOUR, int(27.9 * _HOUR), len(student)), seconds)
    early = first & (rng.random(len(student)) < day.traits.early_leave[student])
    seconds = np.where(early, rng.integers(5 * _HOUR, 7 * _HOUR, len(student)), seconds)
    seen = rng.random(len(student)) >= p.DOOR_MISSED
    return student[seen], seconds[seen], out[seen]


def _late_chance(day: Day) -> Floats:
    """Return the chance of coming home after midnight, given a trip."""
    worse = np.exp(0.9 * day.shift(NIGHT)) * (1.0 + 0.3 * day.calendar.exam)
    chance = day.traits.late_return * worse + 0.15 * day.lab_nights + 0.04 * day.part_time
    out: Floats = np.minimum(chance + 0.01 * np.maximum(day.shift(NIGHT), 0), 0.8)
    return out


def _campus_gate(day: Day, rng: np.random.Generator) -> tuple[Ints, Ints, Bools]:
    rate = (
        p.CAMPUS_GATE_TRIPS
        * p.CAMPUS_GATE_WEEKDAY[day.calendar.weekday]
        * day.activity
        * day.calendar.factor
        * np.exp(day.traits.campus_gate + 0.8 * day.moods[:, GATE_MOOD] - 0.50 * day.shift(OUTINGS))
        * (1.0 + 0.8 * day.part_time)
    )
    trips = np.minimum(overdispersed(rng, rate * day.outgoing, p.CAMPUS_GATE_K), _MOST_TRIPS)
    student, seconds, out = _there_and_back(rng, trips, p.CAMPUS_GATE_HOURS)
    return student, seconds, out


def _there_and_back(
    rng: np.random.Generator, trips: Ints, hours: Floats
) -> tuple[Ints, Ints, Bools]:
    """Return alternating passes, out first, in order of time within each student."""
    student = np.repeat(np.arange(len(trips)), 2 * trips)
    seconds = seconds_by_hour(rng, hours, len(student))
    order = np.lexsort((seconds, student))
    begins = np.repeat(np.cumsum(2 * trips) - 2 * trips, 2 * trips)
    out: Bools = (np.arange(len(student)) - begins) % 2 == 0
    return student, seconds[order], out
