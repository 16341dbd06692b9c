"""What is known of a student's alert: three tracks that never overwrite each other.

The model, the urgent rules and people each hold a level of their own; the alert stands at the
highest. So the outcome does not depend on whether an urgent signal or an assessment came first,
although the two travel on different topics.

The order of the fields is that of the stored states' JSON: new ones go last, with a default.
"""

from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from shared.contracts.alert import AlertEventKind, Level, Tier, Verdict
from shared.kernel.errors import RuleBrokenError

Track = Literal["model", "rule", "person"]
Effect = Literal["rose", "fell", "signal", "withheld", "action"]
Status = Literal["open", "acknowledged", "resolved"]
LEVELS: tuple[Level, ...] = get_args(Level)
TIERS: tuple[Tier, ...] = get_args(Tier)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MODEL_LEVELS: tuple[Level, ...] = ("none", "blue", "yellow", "orange")
_RANK: dict[str, int] = {level: rank for rank, level in enumerate(LEVELS)}
_rank = _RANK.__getitem__  # of levels that a type or a decoder has checked


def rank(level: str) -> int:
    """Return the order of a level, from none (0) to red (4).

    Raises:
        RuleBrokenError: there is no such level.
    """
    found = _RANK.get(level)
    if found is None:
        raise RuleBrokenError("unknown_level", f"there is no level {level!r}"[:120], field="level")
    return found


def highest(*levels: Level) -> Level:
    return max(levels, key=_rank, default="none")


def lowest(*levels: Level) -> Level:
    return min(levels, key=_rank, default="none")


class ModelTrack(Struct, frozen=True, gc=False):
    """What the model's assessments came to; times are the assessments' `as_of`.

    `held_since` says since when a level's threshold has been held; `answered` is the highest level
    that a person has dealt with, so that the same evidence does not open the alert again.
    A new model judges the same vector again, under a higher `revision`.
    """

    position: int = -1
    revision: int = 0
    as_of: datetime | None = None
    level: Level = "none"
    band: Level = "none"
    held_since: dict[str, datetime] = {}
    clean_reviews: int = 0
    reviewed_at: datetime | None = None
    clean_since: datetime | None = None
    answered: Level = "none"
    answered_at: datetime | None = None
    noted_at: datetime | None = None
    is_withheld: bool = False
    has_abstained: bool = False
    coverage: float | None = None
    assessment: str | None = None


class RuleTrack(Struct, frozen=True, gc=False):
    """What urgent signals came to; `seen` are the last signals' ids, so that a repeat is known."""

    level: Level = "none"
    red_clock_until: datetime | None = None
    seen: tuple[str, ...] = ()


class OpenAlert(Struct, frozen=True, gc=False):
    """The student's one open alert; `sequence` numbers its history from 1.

    `is_silent`: it was opened or raised in a silent trial, and nobody was told since.
    """

    id: str
    opened_by: str
    opened_at: datetime
    level: Level
    updated_at: datetime
    status: Status = "open"
    sequence: int = 0
    reason: str = ""
    told: tuple[Tier, ...] = ()
    reasons: tuple[str, ...] = ()
    acknowledged_by: tuple[Tier, ...] = ()
    verdict: Verdict | None = None
    is_silent: bool = False


class StudentState(Struct, frozen=True, gc=False):
    """All that a decision about one student needs."""

    student: str
    model: ModelTrack = ModelTrack()
    rule: RuleTrack = RuleTrack()
    person: Level = "none"
    alert: OpenAlert | None = None

    @property
    def level(self) -> Level:
        """The level at which an alert stands: the highest of the three tracks."""
        return highest(self.model.level, self.rule.level, self.person)


class Entry(Struct, frozen=True, gc=False):
    """One line of an alert's history; `kind` as the alert saw it, `effect` as its track did."""

    alert: str
    student: str
    sequence: int
    kind: AlertEventKind
    level: Level
    reason: str
    at: datetime
    track: Track
    effect: Effect
    track_level: Level
    evidence: str
    assessment: str | None = None
    tier: Tier | None = None
    actor: str | None = None
    verdict: Verdict | None = None
    traceparent: str | None = None


class Notice(Struct, frozen=True, gc=False):
    """A tier to be told of an alert; who that is, is found when the message is sent."""

    alert: str
    student: str
    sequence: int
    tier: Tier
    level: Level
    traceparent: str | None = None
