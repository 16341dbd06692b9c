"""What a promotion would do, seen before it: champion's and shadow's levels of the same students.

Alerts judge a new model's word by their policy, so a model that speaks much louder would open many
alerts in one night. A promotion is refused while the shadow has not assessed everybody, or when it
puts far more students at yellow or above than the champion does; a person may force it, and the
log says so.
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
    """How complete a shadow must be, and how much louder than the champion it may be."""

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
    most = bounds.most_growth * seen.loud_before + bounds.slack
    if seen.loud_after > most:
        return ConflictError(
            "too_many_alerts",
            f"{seen.loud_after} students would stand at yellow or above, now {seen.loud_before} "
            f"do; more than {most:g} needs force",
        )
    return None
