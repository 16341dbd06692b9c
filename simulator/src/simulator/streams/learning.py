"""The learning platform: sittings of a few events each, submissions ahead of a deadline."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import LEARNING as FEED
from simulator.health import LEARNING, NIGHT
from simulator.life import STUDY_MOOD, Day
from simulator.randomness import overdispersed, pick, seconds_by_hour
from simulator.table import Table, table

KIND = "lantern.learning.acted.v1"
_VERBS = np.array(["viewed", "attempted", "submitted", "posted", "completed"])
_VERB_WEIGHTS = np.array([0.52, 0.22, 0.16, 0.04, 0.06])
_COURSES = 40
_LAST_S = 28 * 3600 - 1
_HOUR = 3600


def activities(day: Day) -> list[Table]:
    """Return the learning activity of one day; those at home study too."""
    rng = day.rng("learning")
    student, seconds = _sittings(day, rng)
    size = len(student)
    verb = pick(rng, _VERB_WEIGHTS, size)
    time = day.calendar.midnight + seconds
    scored = (verb == 1) | (verb == 2)  # noqa: PLR2004 - attempts and submissions
    score = np.clip(rng.beta(4, 1.6, size) - 0.04 * day.shift(LEARNING)[student], 0, 1)
    lead_hours = np.exp(rng.normal(2.6, 1.1, size) - 0.35 * day.shift(LEARNING)[student])
    deadline = (time + (lead_hours * _HOUR).astype(np.int64)) // _HOUR * _HOUR + _HOUR - 60
    course = (day.traits.building[student] * 3 + rng.integers(0, 3, size)) % _COURSES + 1
    return [
        table(
            KIND,
            FEED,
            student,
            time,
            verb=_VERBS[verb],
            course=np.char.add("course-", course.astype(np.str_)),
            deadline=np.where(verb == 2, deadline, 0),  # noqa: PLR2004 - submissions have one
            score=np.where(scored, np.round(score, 2), np.nan),
        )
    ]


def _sittings(day: Day, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rate = (
        p.LEARNING_SITTINGS
        * p.LEARNING_WEEKDAY[day.calendar.weekday]
        * day.activity
        * day.calendar.factor
        * (1.3 if day.calendar.exam else 1.0)
        * np.exp(day.traits.learning + 0.9 * day.moods[:, STUDY_MOOD] - 0.65 * day.shift(LEARNING))
        * np.where(day.ill, 0.4, 1.0)
        * np.where(day.here, 1.0, 0.4)
    )
    sitting = np.repeat(np.arange(day.everyone), overdispersed(rng, rate, p.LEARNING_K))
    start = seconds_by_hour(rng, p.LEARNING_HOURS, len(sitting))
    start += (0.5 * _HOUR * np.maximum(day.shift(NIGHT)[sitting], 0)).astype(np.int64)
    more = rng.geometric(1 / (1 + p.LEARNING_MORE), len(sitting))
    student = np.repeat(sitting, more)
    spread = rng.exponential(420, len(student)).astype(np.int64)
    return student, np.minimum(np.repeat(start, more) + spread, _LAST_S)
