"""What stays of a student: habits and rates, drawn once. Students differ a lot."""

from dataclasses import dataclass

import numpy as np

from simulator import parameters as p
from simulator.campus import Campus
from simulator.randomness import generator
from simulator.table import Bools, Floats, Ints

# how far a standard deviation of vulnerability lowers a habit, in its own standard deviations
_LINK = 0.25


@dataclass(frozen=True)
class Traits:
    """Columns over students. Logits and logarithms unless the name says otherwise."""

    vulnerability: Floats
    card_user: Bools
    card_active: Floats
    intensity: Floats
    meal: Floats
    meal_hour: Floats
    price: Floats
    services: Floats
    door: Floats
    late_return: Floats
    early_leave: Floats
    campus_gate: Floats
    library: Floats
    loans: Floats
    bedtime: Floats
    network: Floats
    learning: Floats
    lab: Bools
    absence: Floats
    contact: Floats
    leaves_at_weekends: Floats
    grade: Floats
    building: Ints


def draw_traits(campus: Campus) -> Traits:
    """Draw everybody's habits; a vulnerable student's are a little worse on average."""
    n = len(campus)
    rng = generator(campus.config.seed, "traits")
    vulnerability = rng.standard_normal(n)

    def habit(sd: float, link: float = -_LINK) -> Floats:
        own = rng.standard_normal(n)
        out: Floats = sd * (link * vulnerability + np.sqrt(1 - link * link) * own)
        return out

    spreads = np.array([service[2] for service in p.SERVICES])
    user = rng.random(n)
    rare = (user >= p.CARD_NEVER) & (user < p.CARD_NEVER + p.CARD_RARE)
    card = habit(p.CARD_ACTIVE_SD)
    return Traits(
        vulnerability=vulnerability,
        card_user=user >= p.CARD_NEVER,
        card_active=card + np.where(rare, p.CARD_RARE_LOGIT, p.CARD_ACTIVE_LOGIT),
        intensity=p.INTENSITY_SD * rng.standard_normal(n) - 0.5 * rare,
        meal=np.stack([habit(sd) - 0.7 * rare for sd in p.MEAL_PERSON_SD], axis=1),
        meal_hour=p.MEAL_HOURS + rng.standard_normal((n, 4)) * p.MEAL_SPREAD_PERSON,
        price=0.2 * rng.standard_normal(n),
        services=rng.standard_normal((n, len(spreads))) * spreads - spreads**2 / 2,
        door=habit(p.DOOR_SD) - p.DOOR_SD**2 / 2,
        late_return=_rare(rng, n, p.LATE_RETURNERS, p.LATE_RETURN_A_DAY),
        early_leave=_rare(rng, n, p.EARLY_LEAVERS, p.EARLY_LEAVE_A_DAY),
        campus_gate=habit(p.CAMPUS_GATE_SD) - p.CAMPUS_GATE_SD**2 / 2,
        library=np.where(
            rng.random(n) < p.LIBRARY_USERS,
            habit(p.LIBRARY_SD, -1.6 * _LINK) - p.LIBRARY_SD**2 / 2,
            -np.inf,
        ),
        loans=habit(p.LOAN_SD, -1.6 * _LINK) - p.LOAN_SD**2 / 2,
        bedtime=p.BEDTIME + habit(p.BEDTIME_PERSON_SD, _LINK),
        network=0.5 * rng.standard_normal(n),
        learning=habit(p.LEARNING_SD) - p.LEARNING_SD**2 / 2,
        lab=rng.random(n) < p.LAB_SHARE,
        absence=habit(0.8, _LINK),
        contact=habit(0.5),
        leaves_at_weekends=np.clip(rng.beta(0.5, 6.0, n), 0, 0.9),
        grade=3.35 + habit(0.35, -0.55),
        building=rng.integers(1, 13, n),
    )


def _rare(rng: np.random.Generator, n: int, share: float, mean: float) -> Floats:
    """Draw daily chances of something that most students never do."""
    chance = np.where(rng.random(n) < share, rng.gamma(0.9, mean / 0.9, n), 0.0)
    out: Floats = np.minimum(chance, 0.6)
    return out
