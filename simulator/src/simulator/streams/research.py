"""The life of a research team: laboratory shifts, meetings, the advisor, literature tasks."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import ATTENDANCE, RESEARCH
from simulator.health import ATTENDANCE as PRESENT
from simulator.health import CONTACT
from simulator.life import Day
from simulator.randomness import pick, sigmoid
from simulator.table import Floats, Table, table

KIND = "lantern.attendance.recorded.v1"
CONTACT_KIND = "lantern.advisor.contacted.v1"
LITERATURE_KIND = "lantern.literature.progressed.v1"
_HOUR = 3600
_CONTACTS = np.array(["meeting", "reply", "review"])
_CONTACT_WEIGHTS = np.array([0.35, 0.5, 0.15])
_STAGES = np.array(["read", "analyse", "criticise", "question", "reappraise", "verify", "discuss"])
_WEEKEND = 5


def attendance(day: Day) -> list[Table]:
    """Return laboratory shifts, the team's weekly meeting and first-years' classes of one day."""
    if day.calendar.holiday or day.calendar.vacation:
        return []
    rng = day.rng("attendance")
    parts = [_lab(day, rng)]
    if day.calendar.weekday < _WEEKEND:
        parts += [_meeting(day, rng), _classes(day, rng)]
    return parts


def _absence(day: Day, more: float = 0.0) -> Floats:
    """Return the chance of missing something scheduled."""
    chance = sigmoid(
        p.ABSENCE_LOGIT + more + day.traits.absence + 0.9 * day.shift(PRESENT) + 2.0 * day.ill
    )
    out: Floats = np.where(day.here, chance, 1.0)
    return out


def _lab(day: Day, rng: np.random.Generator) -> Table:
    """Return sign-ins that took place; nobody schedules a shift."""
    weekend = 0.4 if day.calendar.weekday >= _WEEKEND else 1.0
    chance = p.LAB_SIGN_IN * weekend * day.activity * (1 - _absence(day)) * day.traits.lab
    student = np.flatnonzero(rng.random(day.everyone) < chance)
    start = rng.normal(9.2, 0.9, len(student)).clip(6.5, 14)
    hours = rng.gamma(5.0, 1.45, len(student)).clip(0.5, 13) + 2.0 * day.lab_nights[student]
    return _attended(day, student, "lab", seconds=start * _HOUR, minutes=hours * 60)


def _meeting(day: Day, rng: np.random.Generator) -> Table:
    student = np.flatnonzero(day.campus.team % _WEEKEND == day.calendar.weekday)
    missed = rng.random(len(student)) < _absence(day)[student]
    hour = 14.0 + (day.campus.team[student] % 3).astype(np.float64)
    return _attended(
        day,
        student,
        "group_meeting",
        seconds=hour * _HOUR,
        minutes=np.full(len(student), 90.0),
        missed=missed,
    )


def _classes(day: Day, rng: np.random.Generator) -> Table:
    first_year = day.campus.intake == day.campus.intake.max()
    chance = first_year * p.CLASSES_A_WEEK / _WEEKEND
    student = np.flatnonzero(rng.random(day.everyone) < chance)
    missed = rng.random(len(student)) < _absence(day, 0.5)[student]
    hour = np.array([8.0, 10.0, 14.0, 16.0, 19.0])[rng.integers(0, 5, len(student))]
    return _attended(
        day,
        student,
        "class",
        seconds=hour * _HOUR,
        minutes=np.full(len(student), 95.0),
        missed=missed,
    )


def _attended(
    day: Day,
    student: np.ndarray,
    kind: str,
    *,
    seconds: Floats,
    minutes: Floats,
    missed: np.ndarray | None = None,
) -> Table:
    gone = np.zeros(len(student), dtype=np.bool_) if missed is None else missed
    time = day.calendar.midnight + seconds.astype(np.int64)
    return table(
        KIND,
        ATTENDANCE,
        student,
        time,
        ready=time + (minutes * 60).astype(np.int64),
        kind=np.full(len(student), kind),
        status=np.where(gone, "missed", "attended"),
        group=np.array([team.id for team in day.campus.teams])[day.campus.team[student]],
        minutes=np.where(gone, 0.0, np.round(minutes, 0)),
    )


def contacts(day: Day) -> list[Table]:
    """Return contacts with the advisor and steps of literature tasks of one day."""
    rng = day.rng("contacts")
    weekday = 0.3 if day.calendar.weekday >= _WEEKEND else 1.25
    common = weekday * day.activity * day.calendar.factor * np.where(day.here, 1.0, 0.5)
    pull = np.exp(day.traits.contact - 0.6 * day.shift(CONTACT))
    meets = np.flatnonzero(rng.random(day.everyone) < p.CONTACT_A_DAY * common * pull)
    reads = np.flatnonzero(rng.random(day.everyone) < p.LITERATURE_A_DAY * common * pull)
    return [_contact(day, rng, meets), _literature(day, rng, reads)]


def _contact(day: Day, rng: np.random.Generator, student: np.ndarray) -> Table:
    size = len(student)
    kind = pick(rng, _CONTACT_WEIGHTS, size)
    latency = np.exp(rng.normal(2.3, 1.0, size) + 0.4 * day.shift(CONTACT)[student])
    seconds = rng.normal(15.0, 3.2, size).clip(8, 23.5) * _HOUR
    return table(
        CONTACT_KIND,
        RESEARCH,
        student,
        day.calendar.midnight + seconds.astype(np.int64),
        kind=_CONTACTS[kind],
        latency_hours=np.where(kind == 0, np.nan, np.round(latency, 1)),
    )


def _literature(day: Day, rng: np.random.Generator, student: np.ndarray) -> Table:
    size = len(student)
    seconds = rng.normal(16.0, 4.0, size).clip(7, 27.5) * _HOUR
    task = (day.calendar.number // 21) % 1000
    return table(
        LITERATURE_KIND,
        RESEARCH,
        student,
        day.calendar.midnight + seconds.astype(np.int64),
        task=np.full(size, f"task-{task}"),
        stage=_STAGES[rng.integers(0, len(_STAGES), size)],
    )
