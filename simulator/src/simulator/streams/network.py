"""The campus network: a session at work, one in the evening that ends at bedtime, daily flows."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import NETWORK as FEED
from simulator.health import NIGHT
from simulator.life import Day
from simulator.table import Floats, Ints, Table, table

KIND = "lantern.network.used.v1"
FLOWS_KIND = "lantern.network.flows.v1"
_HOUR = 3600
_FLOW_BINS = 16
_LATEST_END = 28.6


def sessions(day: Day) -> list[Table]:
    """Return the network sessions of one day, and flow summaries if the campus keeps them."""
    rng = day.rng("network")
    tables = [_sessions(day, rng)]
    if day.campus.config.flows:
        tables.append(_flows(day, rng))
    return tables


def bedtime(day: Day, rng: np.random.Generator) -> Floats:
    """Return the hour at which each student goes offline; 25 is one o'clock."""
    weekend = day.calendar.weekday in {4, 5}
    hour = (
        day.traits.bedtime
        + rng.normal(0, p.BEDTIME_DAY_SD, day.everyone)
        + 0.45 * weekend
        + 0.35 * day.calendar.exam
        + 0.9 * day.lab_nights
        + 0.75 * day.shift(NIGHT)
    )
    out: Floats = np.clip(hour, 21.5, _LATEST_END - 0.3)
    return out


def _sessions(day: Day, rng: np.random.Generator) -> Table:
    n = day.everyone
    working = day.here & (rng.random(n) < _chance(day, p.SESSION_DAY_CHANCE))
    evening = day.here & (rng.random(n) < _chance(day, p.SESSION_EVENING_CHANCE))
    day_start = rng.normal(9.3, 0.8, n).clip(6.5, 13)
    day_end = day_start + rng.gamma(4.0, 1.7, n).clip(0.3, 12)
    bed = bedtime(day, rng)
    evening_start = np.minimum(rng.normal(20.4, 1.2, n), bed - 0.3)
    student = np.concatenate([np.flatnonzero(working), np.flatnonzero(evening)])
    start = np.concatenate([day_start[working], evening_start[evening]]) * _HOUR
    end = np.concatenate([day_end[working], bed[evening]]) * _HOUR
    night = np.repeat([False, True], [int(working.sum()), int(evening.sum())])
    minutes = (end - start) / 60
    share = rng.beta(1.3, 4.0, len(student)) + 0.06 * day.shift(NIGHT)[student]
    leisure = np.round(minutes * np.clip(share, 0, 1) * np.where(night, 1.0, 0.4), 1)
    volume = np.exp(rng.normal(19.0, 1.2, len(student)) + day.traits.network[student])
    place = np.where(night, "dorm-", "lab-")
    ends = day.calendar.midnight + end.astype(np.int64)
    return table(
        KIND,
        FEED,
        student,
        day.calendar.midnight + start.astype(np.int64),
        ready=ends,
        end=ends,
        building=np.char.add(place, day.traits.building[student].astype(np.str_)),
        bytes_up=(volume * 0.08).astype(np.int64),
        bytes_down=volume.astype(np.int64),
        entertainment_minutes=leisure,
    )


def _chance(day: Day, usual: float) -> Floats:
    weekday = 0.55 if day.calendar.weekday >= 5 and usual == p.SESSION_DAY_CHANCE else 1.0  # noqa: PLR2004 - Saturday on
    own = usual * weekday * np.exp(0.25 * day.traits.network) * day.calendar.factor * day.activity
    out: Floats = np.clip(own * np.where(day.ill, 0.8, 1.0), 0, 0.97)
    return out


def _flows(day: Day, rng: np.random.Generator) -> Table:
    student = np.flatnonzero(day.here & (rng.random(day.everyone) < _chance(day, 0.7)))
    centre = 3.0 + 0.15 * day.shift(NIGHT)[student] + rng.normal(0, 0.3, len(student))
    bins = np.arange(_FLOW_BINS)
    shape = np.exp(-0.5 * ((bins - centre[:, None]) / 2.6) ** 2)
    total = np.exp(rng.normal(7.5, 0.6, len(student)))
    counts: Ints = rng.poisson(shape / shape.sum(axis=1, keepdims=True) * total[:, None])
    size = len(student)
    at = np.full(size, day.calendar.midnight + 28 * _HOUR - 1, dtype=np.int64)
    return table(
        FLOWS_KIND,
        FEED,
        student,
        at,
        durations=counts.astype(np.int64),
        packets_per_flow=np.round(np.exp(rng.normal(3.2, 0.4, size)), 2),
    )
