"""Whether two people who judge the same alert agree beyond chance.

Cohen's kappa: (agreement - chance) / (1 - chance), where chance is the agreement of two people who
give each verdict as often as these do, without looking (J. Cohen, *A coefficient of agreement for
nominal scales*, Educational and Psychological Measurement 20, 1960).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """`kappa` is None without pairs, and where both always say the same one thing."""

    pairs: int
    agreement: float | None
    kappa: float | None


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return the agreement of pairs of verdicts, first reviewer and second."""
    total = len(pairs)
    if not total:
        return Agreement(0, None, None)
    same = sum(one == other for one, other in pairs) / total
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(first[verdict] * second[verdict] for verdict in first) / total**2
    kappa = None if chance >= 1 else (same - chance) / (1 - chance)
    return Agreement(total, same, kappa)
