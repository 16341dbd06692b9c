"""Does a generated campus look like a real one? Figures against target ranges.

The ranges are this project's reading of what real campuses show, wide enough for the two or three
universities behind each figure to lie in them.
"""

from dataclasses import dataclass

import numpy as np

from simulator.config import CampusConfig
from simulator.simulation import Simulation, simulate
from simulator.table import Floats
from simulator.tally import (
    ALL_EVENTS,
    Tally,
    longest_silence,
    week_autocorrelation,
    weekly,
)

_USES_CARD = 40
_TERM_DAYS = 133
_TWENTY_WEEKS = 140
_NIGHT = (23, 0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Figure:
    """One figure of a campus with the range it should lie in."""

    name: str
    value: float
    low: float
    high: float

    @property
    def is_met(self) -> bool:
        return self.low <= self.value <= self.high


_RANGES: dict[str, tuple[float, float]] = {
    "events a student-day": (8.0, 10.0),
    "card a student-day": (1.9, 2.6),
    "dormitory passes a student-day": (2.7, 3.8),
    "campus gate passes a student-day": (0.55, 1.3),
    "library entries a student-day": (0.22, 0.52),
    "loans a student-day": (0.01, 0.08),
    "learning a student-day": (0.7, 1.3),
    "card: share of active student-days": (0.38, 0.52),
    "card: events an active day": (4.4, 5.6),
    "card: CV of student rates": (0.7, 1.0),
    "card: over-dispersion (median alpha)": (0.55, 1.7),
    "card: lag-1 week autocorrelation": (0.25, 0.6),
    "card: share at 23-05 h": (0.02, 0.06),
    "card: meal share": (0.42, 0.55),
    "card: breakfast on active days": (0.38, 0.52),
    "card: lunch on active days": (0.57, 0.72),
    "card: dinner on active days": (0.40, 0.55),
    "card: swipes a meal": (1.4, 1.65),
    "card: users silent 3 days or more": (0.28, 0.60),
    "card: users silent 7 days or more": (0.05, 0.25),
    "dormitory: CV of student rates": (0.35, 0.6),
    "dormitory: lag-1 week autocorrelation": (0.2, 0.55),
    "dormitory: late returns a student-week": (0.10, 0.28),
    "dormitory: never late": (0.40, 0.70),
    "dormitory: early leaves a student-week": (0.05, 0.16),
    "dormitory: never early": (0.50, 0.75),
    "library: CV of student rates": (0.7, 1.6),
    "library: share of active student-days": (0.15, 0.30),
}


def tallied(simulation: Simulation, days: int) -> Tally:
    """Count the first `days` of a simulation as they happened."""
    tally = Tally(len(simulation.campus), days, simulation.calendar.day(0).midnight)
    for day, tables in simulation.lived():
        if day.calendar.number >= days:
            break
        tally.ordinary.append(not (day.calendar.holiday or day.calendar.vacation))
        tally.add(tables)
    return tally


def check(config: CampusConfig) -> list[Figure]:
    """Generate the configured run and measure it."""
    return figures(tallied(simulate(config), config.days))


def figures(tally: Tally) -> list[Figure]:
    """Return every figure of the table, in its order."""
    values = _rates(tally) | _card(tally) | _doors(tally)
    return [Figure(name, values[name], *bounds) for name, bounds in _RANGES.items()]


def _rates(tally: Tally) -> dict[str, float]:
    counts = tally.counts
    return {
        "events a student-day": float(sum(counts[name].mean() for name in ALL_EVENTS))
        + float(counts["library"].mean() * 0.9),
        "card a student-day": float(counts["card"].mean()),
        "dormitory passes a student-day": float(counts["dorm"].mean()),
        "campus gate passes a student-day": float(counts["campus_gate"].mean()),
        "library entries a student-day": float(counts["library"].mean()),
        "loans a student-day": float(counts["loans"].mean()),
        "learning a student-day": float(counts["learning"].mean()),
        "library: CV of student rates": _cv(counts["library"]),
        "library: share of active student-days": float((counts["library"] > 0).mean()),
    }


def _card(tally: Tally) -> dict[str, float]:
    counts = tally.counts
    card = counts["card"]
    active = card > 0
    hours = tally.hours["card"].sum(axis=0)
    users = card[card[:, -_TERM_DAYS:].sum(axis=1) >= _USES_CARD]
    ordinary = np.array(tally.ordinary)[-_TERM_DAYS:]
    silence = longest_silence(users[:, -_TERM_DAYS:][:, ordinary])
    meals = [counts[name] for name in ("breakfast", "lunch", "dinner", "late")]
    return {
        "card: share of active student-days": float(active.mean()),
        "card: events an active day": float(card[active].mean()),
        "card: CV of student rates": _cv(card),
        "card: over-dispersion (median alpha)": _alpha(card),
        "card: lag-1 week autocorrelation": week_autocorrelation(card),
        "card: share at 23-05 h": float(hours[list(_NIGHT)].sum() / hours.sum()),
        "card: meal share": float(counts["meal"].sum() / card.sum()),
        "card: breakfast on active days": float((meals[0] > 0)[active].mean()),
        "card: lunch on active days": float((meals[1] > 0)[active].mean()),
        "card: dinner on active days": float((meals[2] > 0)[active].mean()),
        "card: swipes a meal": float(
            sum(meal.sum() for meal in meals) / sum((meal > 0).sum() for meal in meals)
        ),
        "card: users silent 3 days or more": float((silence >= 3).mean()),  # noqa: PLR2004
        "card: users silent 7 days or more": float((silence >= 7).mean()),  # noqa: PLR2004
    }


def _doors(tally: Tally) -> dict[str, float]:
    counts = tally.counts
    late, early, dorm = (
        counts[name][:, -_TWENTY_WEEKS:] for name in ("late_return", "early_leave", "dorm")
    )
    return {
        "dormitory: CV of student rates": _cv(dorm),
        "dormitory: lag-1 week autocorrelation": week_autocorrelation(dorm),
        "dormitory: late returns a student-week": float(weekly(late).mean()),
        "dormitory: never late": float((late.sum(axis=1) == 0).mean()),
        "dormitory: early leaves a student-week": float(weekly(early).mean()),
        "dormitory: never early": float((early.sum(axis=1) == 0).mean()),
    }


def _cv(daily: Floats) -> float:
    rates = daily.mean(axis=1)
    return float(rates.std() / rates.mean())


def _alpha(daily: Floats) -> float:
    """Return the median over students of alpha in variance = mu + alpha mu^2."""
    mean = daily.mean(axis=1)
    seen = mean > 0.05  # noqa: PLR2004 - too few events say nothing
    return float(np.median((daily.var(axis=1)[seen] - mean[seen]) / mean[seen] ** 2))
