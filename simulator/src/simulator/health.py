"""Students whose state worsens and recovers, and the weak signs of it in their behaviour.

An episode begins on its onset, is at its worst from the label day (2-6 weeks later), and recovers
some weeks after. Two or three channels of behaviour are shifted by d ~ N(mean, sd) standard
deviations, growing over two weeks; part of the students show nothing; part of the healthy show the
same shifts with no episode behind them. Signs are weak on purpose: real ones are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulator.config import CampusConfig
from simulator.randomness import generator
from simulator.spells import BLOCK_DAYS
from simulator.table import Bools, Floats, Ints

MEALS, CARD, LIBRARY, OUTINGS, NIGHT, LEARNING, ATTENDANCE, CONTACT = range(8)
CHANNELS = 8
WELL, WORSENING, UNWELL, RECOVERING = range(4)
STATES = ("well", "worsening", "unwell", "recovering")
RAMP_DAYS = 14
_ONSET_TO_LABEL = (14, 42)
_LABEL_TO_RECOVERY = (7, 28)
_LONGEST = _ONSET_TO_LABEL[1] + _LABEL_TO_RECOVERY[1] + RAMP_DAYS
_VULNERABILITY_WEIGHT = 0.85


@dataclass(frozen=True)
class Episodes:
    """One block's episodes as columns; students without one have `label` equal to `onset`.

    `shift` is (students x channels) in standard deviations, positive for worse; zeros where
    nothing shows. Decoys have shifts and `real` false.
    """

    onset: Ints
    label: Ints
    recovery: Ints
    real: Bools
    shift: Floats

    @property
    def present(self) -> Bools:
        there: Bools = self.label > self.onset
        return there


@dataclass(frozen=True)
class HealthDay:
    """The truth of one day: state codes, onset and label day numbers (-1 without), signs shown."""

    state: Ints
    onset: Ints
    label_day: Ints
    signs: Bools
    shift: Floats


class Health:
    """The health of every student on any day; `vulnerability` is a standard normal trait."""

    def __init__(self, config: CampusConfig, vulnerability: Floats) -> None:
        self._config = config
        self._vulnerability = vulnerability
        self._block = lru_cache(maxsize=4)(self._draw)

    def _draw(self, block: int) -> Episodes:
        config = self._config
        count = len(self._vulnerability)
        rng = generator(config.seed, "health", block)
        weight = np.exp(_VULNERABILITY_WEIGHT * self._vulnerability - _VULNERABILITY_WEIGHT**2 / 2)
        real = rng.random(count) < np.minimum(config.at_risk_share * weight, 0.95)
        decoy = ~real & (rng.random(count) < config.decoy_share)
        shown = decoy | (real & (rng.random(count) >= config.unseen_share))
        onset = block * BLOCK_DAYS + rng.integers(0, BLOCK_DAYS, count)
        label = onset + rng.integers(_ONSET_TO_LABEL[0], _ONSET_TO_LABEL[1] + 1, count)
        recovery = label + rng.integers(_LABEL_TO_RECOVERY[0], _LABEL_TO_RECOVERY[1] + 1, count)
        present = real | decoy
        return Episodes(
            onset=onset,
            label=np.where(present, label, onset),
            recovery=np.where(present, recovery, onset),
            real=real,
            shift=self._shifts(rng, shown),
        )

    def _shifts(self, rng: np.random.Generator, shown: Bools) -> Floats:
        """Draw two or three channels a student and how far each moves."""
        size = (len(shown), CHANNELS)
        ranks = np.argsort(np.argsort(rng.random(size), axis=1), axis=1)
        chosen = ranks < rng.integers(2, 4, len(shown))[:, None]
        far = rng.normal(self._config.effect_mean, self._config.effect_sd, size)
        out: Floats = np.where(chosen & shown[:, None], far, 0.0)
        return out

    def day(self, number: int) -> HealthDay:
        """Return the truth of day `number`; a later block's episode replaces an older one."""
        count = len(self._vulnerability)
        state = np.zeros(count, dtype=np.int64)
        onset = np.full(count, -1, dtype=np.int64)
        label = np.full(count, -1, dtype=np.int64)
        shift = np.zeros((count, CHANNELS))
        for block in range((number - _LONGEST) // BLOCK_DAYS, number // BLOCK_DAYS + 1):
            episodes = self._block(block)
            severity = severity_on(episodes, number)
            running = severity > 0
            shift[running] = episodes.shift[running] * severity[running, None]
            ill = running & episodes.real
            state[ill] = _state_on(episodes, number)[ill]
            onset[ill] = episodes.onset[ill]
            label[ill] = episodes.label[ill]
        return HealthDay(state, onset, label, np.any(shift != 0.0, axis=1), shift)


def severity_on(episodes: Episodes, day: int) -> Floats:
    """Return 0..1: grows over two weeks from the onset, falls over two weeks from recovery."""
    up = (day - episodes.onset + 1) / RAMP_DAYS
    down = (episodes.recovery + RAMP_DAYS - day) / RAMP_DAYS
    out: Floats = np.clip(np.minimum(up, down), 0.0, 1.0) * episodes.present
    return out


def _state_on(episodes: Episodes, day: int) -> Ints:
    out: Ints = np.where(
        day < episodes.label,
        WORSENING,
        np.where(day < episodes.recovery, UNWELL, RECOVERING),
    ).astype(np.int64)
    return out
