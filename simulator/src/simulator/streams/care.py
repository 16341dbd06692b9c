"""What reaches people directly: rare questionnaires and rarer reports of concern."""

import numpy as np

from simulator.feeds import CARE as FEED
from simulator.life import Day
from simulator.randomness import pick
from simulator.table import Floats, Ints, Table, table

SCREENING_KIND = "lantern.screening.submitted.v1"
REPORT_KIND = "lantern.report.filed.v1"
_HOUR = 3600
_SCREENING_A_DAY = 0.0012
_DOUBTFUL = 0.01
# by state: well, worsening, unwell, recovering
_REPORT_A_DAY = np.array([0.00001, 0.0006, 0.0016, 0.0003])
# sleep and tiredness are common, thoughts of death rare
_EASE = np.array([0.0, -0.1, 0.45, 0.6, 0.0, -0.2, -0.1, -0.7, -1.9])
_CUTS = np.array([0.4, 1.5, 2.4])
_LEVEL = np.array([0.0, 0.7, 1.2, 0.5])
_URGENCY = np.array(["routine", "soon", "urgent"])
_URGENCY_WEIGHTS = np.array([0.6, 0.3, 0.1])
_REPORTERS = np.array(["peer", "advisor", "dormitory", "counsellor", "self", "family"])
_REPORTER_WEIGHTS = np.array([0.3, 0.2, 0.15, 0.2, 0.1, 0.05])
_CONCERNS = np.array(["mood", "study", "conflict", "health", "safety", "missing", "other"])
_CONCERN_WEIGHTS = np.array([0.4, 0.25, 0.1, 0.1, 0.05, 0.05, 0.05])


def screenings_and_reports(day: Day) -> list[Table]:
    """Return the screenings and reports of one day."""
    rng = day.rng("care")
    return [_screenings(day, rng), _reports(day, rng)]


def _screenings(day: Day, rng: np.random.Generator) -> Table:
    chance = _SCREENING_A_DAY * day.calendar.factor * day.activity
    student = np.flatnonzero(rng.random(day.everyone) < chance)
    seconds = rng.normal(15.5, 3.5, len(student)).clip(7, 27.5) * _HOUR
    return table(
        SCREENING_KIND,
        FEED,
        student,
        day.calendar.midnight + seconds.astype(np.int64),
        scale=np.full(len(student), "phq9"),
        items=phq9(
            rng, _LEVEL[day.health.state[student]] + 0.3 * day.traits.vulnerability[student]
        ),
        doubtful=rng.random(len(student)) < _DOUBTFUL,
    )


def phq9(rng: np.random.Generator, level: Floats) -> Ints:
    """Draw nine answers 0-3 that hang together; `level` 0 is an ordinary student's."""
    latent = (
        level[:, None]
        + 0.75 * rng.standard_normal((len(level), 1))
        + 0.75 * rng.standard_normal((len(level), len(_EASE)))
        + _EASE
    )
    items: Ints = (latent[:, :, None] > _CUTS).sum(axis=2).astype(np.int64)
    return items


def _reports(day: Day, rng: np.random.Generator) -> Table:
    chance = _REPORT_A_DAY[day.health.state] * day.activity
    student = np.flatnonzero(rng.random(day.everyone) < chance)
    size = len(student)
    return table(
        REPORT_KIND,
        FEED,
        student,
        day.calendar.midnight + rng.integers(7 * _HOUR, 26 * _HOUR, size),
        urgency=_URGENCY[pick(rng, _URGENCY_WEIGHTS, size)],
        reporter=_REPORTERS[pick(rng, _REPORTER_WEIGHTS, size)],
        concern=_CONCERNS[pick(rng, _CONCERN_WEIGHTS, size)],
    )
