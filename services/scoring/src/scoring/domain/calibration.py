"""Does the model still mean what it says? Verdicts beside the probabilities that opened the alerts.

Of the alerts that a level opened and people have closed, the number in need (observed) is compared
with the sum of their probabilities (expected). The interval of the ratio is Byar's approximation to
the exact Poisson limits (Breslow and Day, *Statistical Methods in Cancer Research* II, IARC 1987,
section 2.3), which is cautious for probabilities that are not small.

**The rule**: calibration is broken when, with at least 50 labels under the revision in service, the
whole 95 % interval of a level, or of all levels together, lies below 1/2 or above 2. Then the model
abstains until a person resumes it. Verdicts that say nothing of the need (data error, unreachable)
are no labels. Only alerts that the model opened count: the figures say nothing of whom it missed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.contracts.alert import Verdict
from shared.contracts.assessment import ModelLevel

LabelLevel = Literal["all", "none", "blue", "yellow", "orange"]
_Z = 1.959964
_NEEDS: dict[str, bool] = {"confirmed_need": True, "already_in_care": True, "no_need": False}


@dataclass(frozen=True)
class Rule:
    """When calibration counts as broken."""

    fewest: int = 50
    low: float = 0.5
    high: float = 2.0


@dataclass(frozen=True)
class Label:
    """What the model said when it opened the alert, and what people found."""

    level: ModelLevel
    probability: float
    is_in_need: bool


@dataclass(frozen=True)
class Ratio:
    """Observed over expected with its 95 % interval; no ratio where nothing was expected."""

    level: LabelLevel
    labels: int
    observed: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None


def need_of(verdict: Verdict) -> bool | None:
    """Return whether a verdict found a need, None where it says nothing of it."""
    return _NEEDS.get(verdict)


def ratios(labels: Sequence[Label]) -> list[Ratio]:
    """Return the ratio of all labels and of each level that has some."""
    levels: tuple[ModelLevel, ...] = ("blue", "yellow", "orange")
    found = [_ratio("all", labels)]
    found += [_ratio(level, [one for one in labels if one.level == level]) for level in levels]
    return [one for one in found if one.labels or one.level == "all"]


def broken(found: Iterable[Ratio], rule: Rule) -> Ratio | None:
    """Return the first ratio that breaks the rule."""
    for one in found:
        if one.labels < rule.fewest or one.low is None or one.high is None:
            continue
        if one.high < rule.low or one.low > rule.high:
            return one
    return None


def explained(one: Ratio) -> str:
    """Return a broken ratio as the reason of the log."""
    return (
        f"calibration: of {one.labels} labels ({one.level}) {one.observed} in need, "
        f"{one.expected:.1f} expected; ratio {one.ratio or 0:.2f}, "
        f"95 % {one.low or 0:.2f} to {one.high or 0:.2f}"
    )


def byar(observed: int) -> tuple[float, float]:
    """Return Byar's 95 % limits of a Poisson count."""
    low = 0.0
    if observed:
        low = observed * (1 - 1 / (9 * observed) - _Z / (3 * math.sqrt(observed))) ** 3
    above = observed + 1
    high = above * (1 - 1 / (9 * above) + _Z / (3 * math.sqrt(above))) ** 3
    return max(low, 0.0), high


def _ratio(level: LabelLevel, labels: Sequence[Label]) -> Ratio:
    observed = sum(one.is_in_need for one in labels)
    expected = sum(one.probability for one in labels)
    if expected <= 0:
        return Ratio(level, len(labels), observed, expected, None, None, None)
    low, high = byar(observed)
    return Ratio(
        level, len(labels), observed, expected, observed / expected, low / expected, high / expected
    )
