"""Periods of a student's life (illness, leave, an episode), drawn by blocks of 70 days.

Everything is decided by (seed, purpose, block), so that any day can be looked at first, the run
can go on for ever, and the same day always tells the same story.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulator.randomness import generator
from simulator.table import Bools, Floats, Ints

BLOCK_DAYS = 70


@dataclass(frozen=True)
class SpellPlan:
    """How often and how long: `shares` are chances a student and block, lengths in days."""

    purpose: str
    shortest: int
    longest: int


class Spells:
    """At most one spell a student and block, beginning on a day drawn uniformly."""

    def __init__(self, seed: int, plan: SpellPlan, chance: Floats) -> None:
        self._seed = seed
        self._plan = plan
        self._chance = chance
        self._block = lru_cache(maxsize=4)(self._draw)

    def _draw(self, block: int) -> tuple[Ints, Ints]:
        rng = generator(self._seed, f"spell:{self._plan.purpose}", block)
        count = len(self._chance)
        chosen = rng.random(count) < self._chance
        start = block * BLOCK_DAYS + rng.integers(0, BLOCK_DAYS, count)
        length = rng.integers(self._plan.shortest, self._plan.longest + 1, count)
        return start, np.where(chosen, length, 0)

    def active(self, day: int) -> Bools:
        """Return who is in a spell on `day`."""
        here: Bools = np.zeros(len(self._chance), dtype=np.bool_)
        for block in self._blocks(day):
            start, length = self._block(block)
            here |= (start <= day) & (day < start + length)
        return here

    def between(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """Return (student, first day, last day) of the spells that touch days `first` to `last`."""
        found = []
        for block in range(self._blocks(first)[0], last // BLOCK_DAYS + 1):
            start, length = self._block(block)
            touches = (length > 0) & (start <= last) & (start + length > first)
            for student in np.flatnonzero(touches).tolist():
                begin = int(start[student])
                found.append((student, begin, begin + int(length[student]) - 1))
        return found

    def _blocks(self, day: int) -> range:
        return range((day - self._plan.longest) // BLOCK_DAYS, day // BLOCK_DAYS + 1)
