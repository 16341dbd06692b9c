"""The policy as values: what a level means, from which probability, who is told, by when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from alerts.domain.alert import MODEL_LEVELS, highest, rank
from shared.contracts.alert import Level, Tier

Delivery = Literal["at_once", "digest"]
QuietHours = Literal["hold", "bypass"]
UPWARD: Mapping[Tier, Tier | None] = {"team": "college", "college": "school", "school": None}


@dataclass(frozen=True)
class Band:
    """A level's thresholds on the calibrated probability.

    It rises at `rise_at` once held for `sustained`, and is clean below `fall_below` (hysteresis).
    """

    rise_at: float
    fall_below: float
    sustained: timedelta = timedelta(0)


@dataclass(frozen=True)
class Escalation:
    """One step when nobody acknowledged: after how long, to which tier. For the escalation job."""

    after: timedelta
    to: Tier
    by_phone: bool = False


@dataclass(frozen=True)
class LevelPolicy:
    """What a level means for people; times are recorded for the follow-up of later versions."""

    names: Mapping[str, str]
    tiers: tuple[Tier, ...]
    delivery: Delivery
    quiet_hours: QuietHours
    acknowledge_within: timedelta
    contact_within: timedelta
    review_every: timedelta
    expires_after: timedelta | None = None
    escalation: tuple[Escalation, ...] = ()


@dataclass(frozen=True)
class TierPolicy:
    """Who a tier is and what it may see; `bypass` lets a tier be left out when in conflict."""

    roles: tuple[str, ...]
    sees: tuple[str, ...]
    bypass_in_conflict: bool = True


@dataclass(frozen=True)
class SilencePolicy:
    """Evidence that rests on absence: its indicators, and the plain rule on silent days."""

    indicators: frozenset[str]
    levels: Mapping[Level, float]

    def level_of(self, days: float | None) -> Level:
        """Return the highest level whose number of silent days is reached."""
        if days is None:
            return "none"
        return highest(*[level for level, least in self.levels.items() if days >= least])


@dataclass(frozen=True)
class Policy:
    """A validated policy; `version` and `approved_by` are shown with every decision.

    `silent` names the colleges in a silent trial: what the model opens or raises there is recorded
    and told to nobody; urgent rules and people are heard as ever. `second_verdicts` names those
    whose resolved alerts are judged a second time, blind.
    """

    version: str
    approved_by: str | None
    bands: Mapping[Level, Band]
    levels: Mapping[Level, LevelPolicy]
    tiers: Mapping[Tier, TierPolicy]
    silence: SilencePolicy
    clean_reviews_to_fall: int = 2
    answered_for: timedelta = timedelta(days=28)
    note_every: timedelta = timedelta(days=1)
    red_clock: timedelta = timedelta(minutes=15)
    silent: frozenset[str] = frozenset()
    is_silent: bool = False
    second_verdicts: frozenset[str] = frozenset()
    digest: str = field(default="", compare=False)

    def of_college(self, college: str | None) -> "Policy":
        """Return the policy for a college's students: of a silent one, the model tells nobody."""
        return replace(self, is_silent=True) if college in self.silent else self

    def band_of(self, probability: float) -> Level:
        """Return the highest level whose `rise_at` is reached."""
        return highest(*[k for k, band in self.bands.items() if probability >= band.rise_at])

    def lasting_band_of(self, probability: float) -> Level:
        """Return the highest level that is not yet clean: at or above its `fall_below`."""
        return highest(*[k for k, band in self.bands.items() if probability >= band.fall_below])

    def sustained(self, level: Level) -> timedelta:
        band = self.bands.get(level)
        return band.sustained if band else timedelta(0)

    def levels_up_to(self, level: Level) -> tuple[Level, ...]:
        """Return the model's levels from blue up to `level`."""
        return MODEL_LEVELS[1 : rank(level) + 1]
