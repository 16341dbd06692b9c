"""What a promotion would do, seen before it: champion's and shadow's words on the same students.

Alerts judge probabilities by the bands of their policy, whichever model said them. So both lanes
are counted by ONE set of cuts, the champion's: a model's own cuts would hide that its probabilities
lie higher or lower. One that speaks much louder opens many alerts in one night; one that lies far
lower, or abstains, silences those that there are. **The rule** is the same both ways: a promotion
is refused while the shadow has not assessed everybody, or when one of the two puts more students at
yellow or above than `most_growth` times the other's and `slack` more; a person may force it, and
the log says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import ConflictError

LEVELS = ("none", "blue", "yellow", "orange")
LOUD = frozenset({"yellow", "orange"})
ABSTAINED = "abstained"
Cells = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Bounds:
    """How complete a shadow must be, and how much louder or quieter than the champion."""

    least_covered: float = 0.95
    most_growth: float = 2.0
    slack: int = 10


@dataclass(frozen=True)
class Comparison:
    """`cells` counts students by (champion's level, shadow's level); abstained is a level here."""

    champion: int
    shadow: int
    cells: Cells

    @property
    def both(self) -> int:
        return sum(self.cells.values())

    @property
    def agreement(self) -> float | None:
        """Return the share of students at the same level, None without any."""
        same = sum(count for (old, new), count in self.cells.items() if old == new)
        return same / self.both if self.both else None

    @property
    def loud_before(self) -> int:
        return sum(count for (old, _), count in self.cells.items() if old in LOUD)

    @property
    def loud_after(self) -> int:
        return sum(count for (_, new), count in self.cells.items() if new in LOUD)


def refusal(seen: Comparison, bounds: Bounds) -> ConflictError | None:
    """Return why this shadow is not promoted without force, None where it may be."""
    if seen.both < bounds.least_covered * seen.champion:
        return ConflictError(
            "shadow_incomplete",
            f"the shadow has assessed {seen.both} of {seen.champion} students; "
            "wait, or force the promotion",
        )
    most, quietest = _most(seen.loud_before, bounds), _most(seen.loud_after, bounds)
    if seen.loud_after > most:
        return ConflictError(
            "too_many_alerts",
            f"{seen.loud_after} students would stand at yellow or above, now {seen.loud_before} "
            f"do; more than {most:g} needs force",
        )
    if seen.loud_before > quietest:
        return ConflictError(
            "too_few_alerts",
            f"only {seen.loud_after} students would stand at yellow or above, now "
            f"{seen.loud_before} do; as few as that needs force",
        )
    return None


def _most(loud: int, bounds: Bounds) -> float:
    """Return how many loud students of one lane are in keeping with those of the other."""
    return bounds.most_growth * loud + bounds.slack
