"""How well students at risk can be told by their behaviour: not too well, on purpose."""

from dataclasses import dataclass

import numpy as np

from simulator.calibration import tallied
from simulator.config import CampusConfig
from simulator.health import UNWELL, WELL, WORSENING
from simulator.scores import cross_validated_auc
from simulator.simulation import Simulation, simulate
from simulator.table import Bools, Floats
from simulator.tally import Tally

WINDOW_DAYS = 21
_SINCE_DAYS = 14
_LOGS = (
    "card",
    "meal",
    "breakfast",
    "dinner",
    "spend",
    "dorm",
    "campus_gate",
    "library",
    "night_minutes",
    "late_return",
    "learning",
    "missed",
    "contact",
)


@dataclass(frozen=True)
class Separability:
    """Areas under the ROC curve, and what share of the students compared were at risk."""

    behaviour: float
    with_grades: float
    prevalence: float
    students: int


def separability(config: CampusConfig) -> Separability:
    """Measure, on the run's last day, at-risk students against those well for all of the window."""
    simulation = simulate(config)
    at_risk, well = groups(simulation, config.days - 1)
    chosen = at_risk | well
    features = behaviour(tallied(simulation, config.days))
    grades = np.column_stack([features, simulation.traits.grade])
    return Separability(
        behaviour=cross_validated_auc(features[chosen], at_risk[chosen], seed=config.seed),
        with_grades=cross_validated_auc(grades[chosen], at_risk[chosen], seed=config.seed),
        prevalence=float(at_risk[chosen].mean()),
        students=int(chosen.sum()),
    )


def groups(simulation: Simulation, day: int) -> tuple[Bools, Bools]:
    """Return who is worsening for two weeks or unwell on `day`, and who was well for the window."""
    today = simulation.health.day(day)
    ill = np.isin(today.state, (WORSENING, UNWELL)) & (today.onset <= day - _SINCE_DAYS)
    well = np.ones(len(ill), dtype=np.bool_)
    for number in range(day - 2 * WINDOW_DAYS, day + 1):
        well &= simulation.health.day(number).state == WELL
    return ill, well


def behaviour(tally: Tally) -> Floats:
    """Return levels of the last three weeks and their change against the weeks before."""
    columns = []
    for name in _LOGS:
        daily = tally.counts[name]
        recent = np.log(daily[:, -WINDOW_DAYS:].mean(axis=1) + 0.05)
        before = np.log(daily[:, :-WINDOW_DAYS].mean(axis=1) + 0.05)
        columns += [recent, recent - before]
    active = tally.counts["card"] > 0
    columns.append(active[:, -WINDOW_DAYS:].mean(axis=1) - active[:, :-WINDOW_DAYS].mean(axis=1))
    return np.column_stack(columns)
