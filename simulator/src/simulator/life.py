"""Everything that moves a student's behaviour on one day, sick or well.

Part is looked up by day (spells, health), part has a memory from week to week and day to day
(usage of the card stops and starts again; good and quiet weeks follow each other).
"""

from dataclasses import dataclass

import numpy as np

from simulator import parameters as p
from simulator.academic import AcademicCalendar, CampusDay
from simulator.campus import Campus
from simulator.health import Health, HealthDay
from simulator.randomness import generator
from simulator.spells import SpellPlan, Spells
from simulator.table import Bools, Floats, Ints
from simulator.traits import Traits

MOODS = 5
CARD_MOOD, DOOR_MOOD, LIBRARY_MOOD, GATE_MOOD, STUDY_MOOD = range(MOODS)
_SPELLS = {
    "illness": (SpellPlan("illness", 2, 6), 0.12),
    "leave": (SpellPlan("leave", 3, 14), 0.02),
    "away": (SpellPlan("away", 2, 7), 0.03),
    "lab_nights": (SpellPlan("lab_nights", 5, 14), 0.10),
    "part_time": (SpellPlan("part_time", 21, 60), 0.06),
    "lends": (SpellPlan("lends", 2, 12), 0.03),
}


@dataclass(frozen=True)
class Day:
    """One day's facts for the streams: who is here, and what presses on each of them."""

    calendar: CampusDay
    campus: Campus
    traits: Traits
    health: HealthDay
    here: Bools
    card_on: Bools
    moods: Floats
    ill: Bools
    lab_nights: Bools
    part_time: Bools
    borrower: Ints
    activity: float

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the generator of one purpose on this day."""
        return generator(self.campus.config.seed, purpose, self.calendar.number)

    @property
    def everyone(self) -> int:
        return len(self.here)

    def shift(self, channel: int) -> Floats:
        """Return how far illness of the mind moves a channel today, in standard deviations."""
        return self.health.shift[:, channel]

    @property
    def outgoing(self) -> Floats:
        """Return the factor on going out: the ill stay in."""
        return np.where(self.ill, 0.35, 1.0) * self.here


class Life:
    """The students' days, in order. `jump` moves to any day at little cost."""

    def __init__(
        self, campus: Campus, traits: Traits, health: Health, calendar: AcademicCalendar
    ) -> None:
        self._campus = campus
        self._traits = traits
        self._health = health
        self._calendar = calendar
        seed, n = campus.config.seed, len(campus)
        self._spells = {
            name: Spells(seed, plan, np.full(n, chance)) for name, (plan, chance) in _SPELLS.items()
        }
        self._reset()

    def _reset(self) -> None:
        rng = generator(self._campus.config.seed, "start")
        n = len(self._campus)
        self._day = 0
        self._card_on: Bools = rng.random(n) < p.CARD_ON
        self._moods: Floats = rng.standard_normal((n, MOODS))

    def jump(self, day: int) -> None:
        """Make `day` the next one that `next_day` returns; days before the first do not exist."""
        if day < self._day:
            self._reset()
        while self._day < day:
            self._advance()

    def next_day(self) -> Day:
        """Return the current day and move on."""
        today = self._describe(self._day)
        self._advance()
        return today

    def _advance(self) -> None:
        self._day += 1
        rng = generator(self._campus.config.seed, "memory", self._day)
        draw = rng.random(len(self._card_on))
        self._card_on = np.where(
            self._card_on, draw >= p.CARD_STOP_A_DAY, draw < p.CARD_RESUME_A_DAY
        )
        today = self._calendar.day(self._day)
        if today.weekday == 0 and today.week == 1:
            again = rng.random(len(draw)) < p.CARD_REDRAWN_AT_TERM
            self._card_on = np.where(again, rng.random(len(draw)) < p.CARD_ON, self._card_on)
        if today.weekday == 0:
            fresh = rng.standard_normal(self._moods.shape)
            keep = p.WEEKLY_MEMORY
            self._moods = keep * self._moods + np.sqrt(1 - keep * keep) * fresh

    def _describe(self, number: int) -> Day:
        calendar = self._calendar.day(number)
        spells = {name: spell.active(number) for name, spell in self._spells.items()}
        rng = generator(self._campus.config.seed, "presence", number)
        return Day(
            calendar=calendar,
            campus=self._campus,
            traits=self._traits,
            health=self._health.day(number),
            here=self._here(rng, calendar, spells),
            card_on=self._card_on & self._traits.card_user,
            moods=p.WEEKLY_SD * self._moods,
            ill=spells["illness"],
            lab_nights=spells["lab_nights"],
            part_time=spells["part_time"],
            borrower=self._borrowers(spells["lends"]),
            activity=self._campus.config.activity,
        )

    def _here(self, rng: np.random.Generator, day: CampusDay, spells: dict[str, Bools]) -> Bools:
        """Say who is on campus: not those on leave, away, at home for a weekend or holiday."""
        draw = rng.random(len(self._campus))
        weekend = day.weekday >= 5  # noqa: PLR2004 - Saturday and Sunday
        gone = self._traits.leaves_at_weekends * (1.0 if weekend else 0.15)
        if day.holiday or day.vacation:
            gone = np.maximum(gone, 1 - day.factor)
        here: Bools = (draw >= gone) & ~spells["leave"] & ~spells["away"]
        return here

    def _borrowers(self, lending: Bools) -> Ints:
        """Return whose card each student pays with: the own, now and then the neighbour's."""
        card = np.arange(len(lending), dtype=np.int64)
        lenders = np.flatnonzero(lending)
        neighbour = (lenders + 1) % len(lending)
        card[neighbour] = lenders
        return card

    def leaves(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """Return the official leaves (student, first day, last day) that touch a period."""
        return self._spells["leave"].between(first, last)
