"""The registry: grades of past and running terms, and the stages of graduate training."""

from datetime import timedelta

import numpy as np

from simulator import parameters as p
from simulator.academic import EXAM_WEEKS, AcademicCalendar, Term
from simulator.feeds import REGISTRY as FEED
from simulator.health import UNWELL, WORSENING
from simulator.life import Day
from simulator.randomness import generator, pick
from simulator.table import Floats, Ints, Table, concatenated, table

GRADE_KIND = "lantern.grade.posted.v1"
MILESTONE_KIND = "lantern.milestone.set.v1"
_HOUR = 3600
_PAST_TERMS = 2
_PASS = 2.0
_DONE_SHARE = 0.5
_POINTS_SD = 0.45
_CREDITS = np.array([1.0, 2.0, 3.0])
_KINDS = np.array(["plan", "proposal", "midterm", "publication", "predefence", "defence"])
_KIND_WEIGHTS = np.array([0.3, 0.25, 0.2, 0.1, 0.08, 0.07])


def grades_and_milestones(day: Day) -> list[Table]:
    """Return what the registry posts on one day: mostly nothing."""
    rng = day.rng("records")
    tables = [_milestones(day, rng)]
    grades = []
    calendar = AcademicCalendar(day.campus.config)
    if day.calendar.number == 0 and day.campus.config.history:
        grades += [_term(day, calendar.term(-back), back) for back in range(1, _PAST_TERMS + 1)]
    offset = _term_offset(calendar, day)
    if day.calendar.weekday == 2 and day.calendar.week - 1 in EXAM_WEEKS:  # noqa: PLR2004 - Wednesday
        grades.append(_term(day, calendar.term(offset), -offset))
    if grades:
        tables.append(concatenated(grades))
    return tables


def _term_offset(calendar: AcademicCalendar, day: Day) -> int:
    """Return which term a day lies in, 0 for the term in which the run ends."""
    start = calendar.term().start
    return (day.calendar.date - start).days // 182


def _term(day: Day, term: Term, back: int) -> Table:
    """Return one course result or a few of each student who was enrolled in that term."""
    rng = generator(day.campus.config.seed, f"grades:{term.code}", day.calendar.week)
    started = day.campus.intake <= term.year
    courses = p.COURSES_A_TERM if back > 0 else 1
    student = np.repeat(np.flatnonzero(started), courses)
    unwell = np.isin(day.health.state, (WORSENING, UNWELL)) & (back <= 0)
    points = _points(day, rng, student, unwell)
    failed = points < _PASS
    size = len(student)
    time = day.calendar.midnight + rng.integers(9 * _HOUR, 17 * _HOUR, size)
    return table(
        GRADE_KIND,
        FEED,
        student,
        time.astype(np.int64),
        term=np.full(size, term.code),
        status=np.where(failed, "failed", "passed"),
        credits=_CREDITS[rng.integers(0, len(_CREDITS), size)],
        points=np.where(failed, np.minimum(points, 1.9), points),
    )


def _points(day: Day, rng: np.random.Generator, student: Ints, unwell: np.ndarray) -> Floats:
    level = day.traits.grade[student] - 0.25 * unwell[student]
    draw = level + rng.standard_normal(len(student)) * _POINTS_SD
    return np.asarray(np.round(np.clip(draw, 0, 4.5), 1), dtype=np.float64)


def _milestones(day: Day, rng: np.random.Generator) -> Table:
    """Return stages set or done; a done one was due some days before or after."""
    chance = p.MILESTONES_A_DAY * day.activity * (day.calendar.weekday < 5)  # noqa: PLR2004 - weekdays
    student = np.flatnonzero(rng.random(day.everyone) < chance)
    size = len(student)
    done = rng.random(size) < _DONE_SHARE
    ahead = np.where(done, -np.round(rng.normal(0, 12, size)), rng.integers(20, 120, size)).astype(
        np.int64
    )
    today = day.calendar.date
    due = [(today + timedelta(days=days)).isoformat() for days in ahead.tolist()]
    return table(
        MILESTONE_KIND,
        FEED,
        student,
        day.calendar.midnight + rng.integers(9 * _HOUR, 17 * _HOUR, size),
        kind=_KINDS[pick(rng, _KIND_WEIGHTS, size)],
        due=np.array(due, dtype="U10"),
        done=np.where(done, today.isoformat(), "").astype("U10"),
    )
