"""The campus card: meals by windows of about one and a half swipes, water, showers, the shop."""

import numpy as np

from simulator import parameters as p
from simulator.feeds import CARD as FEED
from simulator.health import CARD, MEALS
from simulator.life import CARD_MOOD, Day
from simulator.randomness import overdispersed, seconds_by_hour, sigmoid
from simulator.table import Bools, Column, Floats, Ints, Table, table

KIND = "lantern.card.swiped.v1"
_SECOND_SWIPE_S = (20, 600)
_CANTEENS = 9
_MIN_YUAN, _MAX_YUAN = 0.01, 300.0
_BREAKFAST, _LUNCH, _DINNER, _LATE = range(4)


def swipes(day: Day) -> list[Table]:
    """Return the card swipes of one day."""
    rng = day.rng("card")
    active = _active(day, rng)
    parts = [_meals(day, rng, active, meal) for meal in range(4)]
    parts += [_service(day, rng, active, index) for index in range(len(p.SERVICES))]
    student = np.concatenate([part[0] for part in parts])
    seconds = np.concatenate([part[1] for part in parts])
    return [
        table(
            KIND,
            FEED,
            day.borrower[student],
            day.calendar.midnight + seconds,
            merchant=np.concatenate([part[2] for part in parts]),
            amount=np.concatenate([part[3] for part in parts]),
            device=np.concatenate([part[4] for part in parts]),
        )
    ]


def _active(day: Day, rng: np.random.Generator) -> Bools:
    """Say who uses the card at all today."""
    logit = (
        day.traits.card_active
        + 0.9 * day.moods[:, CARD_MOOD]
        + 3.0 * (p.CARD_WEEKDAY[day.calendar.weekday] - 1.0)
        - 1.2 * day.shift(CARD)
        - 1.2 * day.ill
        - 0.3 * day.part_time
        + 2.0 * np.log(day.calendar.factor)
        + np.log(day.activity)
    )
    active: Bools = (rng.random(day.everyone) < sigmoid(logit)) & day.card_on & day.here
    return active


_Part = tuple[Ints, Ints, Column, Floats, Column]


def _meals(day: Day, rng: np.random.Generator, active: Bools, meal: int) -> _Part:
    chance = p.MEAL_CHANCE[meal]
    worse = day.shift(MEALS) * (1.2 if meal == _BREAKFAST else 0.9)
    logit = (
        1.3 * np.log(chance / (1 - chance))
        + day.traits.meal[:, meal]
        + 0.5 * day.moods[:, CARD_MOOD]
        + (worse if meal == _LATE else -worse)
        - 0.6 * day.ill
    )
    if meal == _BREAKFAST:
        logit = logit - 0.7 * day.lab_nights - 0.15 * day.calendar.exam
    if meal == _DINNER:
        logit = logit - 0.8 * day.part_time
    eats = np.flatnonzero(active & (rng.random(day.everyone) < sigmoid(logit)))
    hour = day.traits.meal_hour[eats, meal] + rng.normal(0, p.MEAL_SPREAD_DAY[meal], len(eats))
    hour += 0.35 * day.lab_nights[eats] * (meal == _BREAKFAST)
    start = (np.clip(hour, p.MEAL_EARLIEST[meal], p.MEAL_LATEST[meal]) * 3600).astype(np.int64)
    start += rng.integers(0, 240, len(eats))
    count = 1 + rng.poisson(p.SWIPES_BEYOND_FIRST[meal], len(eats))
    student = np.repeat(eats, count)
    first = np.repeat(start, count)
    extra = rng.integers(*_SECOND_SWIPE_S, len(student))
    is_first = np.r_[True, student[1:] != student[:-1]] if len(student) else extra.astype(np.bool_)
    seconds = np.where(is_first, first, first + extra)
    price = p.MEAL_PRICE_LN[meal] + day.traits.price[student]
    amount = _yuan(rng, price, p.MEAL_PRICE_SD)
    device = np.char.add("canteen-", (day.traits.building[student] % _CANTEENS).astype(np.str_))
    return student, seconds, np.full(len(student), "meal"), amount, device


def _service(day: Day, rng: np.random.Generator, active: Bools, index: int) -> _Part:
    name, mean, _spread, hours, price, price_sd, devices = p.SERVICES[index]
    rate = mean * np.exp(
        day.traits.services[:, index]
        + day.traits.intensity
        + 0.5 * day.moods[:, CARD_MOOD]
        - p.INTENSITY_SD**2 / 2
        - 0.5 * day.shift(CARD)
    )
    student = np.repeat(np.arange(day.everyone), overdispersed(rng, rate * active, p.SERVICE_K))
    size = len(student)
    seconds = seconds_by_hour(rng, hours, size)
    number = (day.traits.building[student] * 7 + rng.integers(0, 3, size)) % devices + 1
    return (
        student,
        seconds,
        np.full(size, name),
        _yuan(rng, np.full(size, price), price_sd),
        np.char.add(f"{name}-", number.astype(np.str_)),
    )


def _yuan(rng: np.random.Generator, mean_ln: Floats, sd: float) -> Floats:
    """Draw log-normal amounts in hundredths."""
    amount = np.exp(rng.normal(0, 1, len(mean_ln)) * sd + mean_ln)
    out: Floats = np.round(np.clip(amount, _MIN_YUAN, _MAX_YUAN), 2)
    return out
