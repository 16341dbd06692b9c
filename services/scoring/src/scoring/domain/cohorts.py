"""What is usual among a student's peers, for whom there is no usual value of their own yet."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
FEWEST = 20  # students with the value; the median of fewer says too much of each
Among = Literal["college_and_intake", "college", "everybody"]
_EVERYBODY: tuple[Among, Hashable] = ("everybody", None)


@dataclass(frozen=True)
class Peers:
    """The median of an indicator among `students` peers, as their newest vectors have it."""

    value: float
    among: Among
    students: int


class Cohorts:
    """Medians by college and intake year, by college, and of everybody, all of the same day."""

    def __init__(
        self,
        names: Sequence[str],
        values: Array,
        colleges: Sequence[str | None],
        intakes: Sequence[int | None],
    ) -> None:
        """Take `[n, k]` values, NaN for missing, and where each of the n students belongs."""
        self._names = names
        rows: dict[tuple[Among, Hashable], list[int]] = {_EVERYBODY: list(range(len(values)))}
        for row, (college, intake) in enumerate(zip(colleges, intakes, strict=True)):
            for cohort in _cohorts(college, intake)[:-1]:
                rows.setdefault(cohort, []).append(row)
        self._medians = {
            cohort: _medians(values[own]) for cohort, own in rows.items() if len(own) >= FEWEST
        }

    def peers(self, college: str | None, intake: int | None) -> Mapping[str, Peers]:
        """Return for each indicator the narrowest cohort that is large enough."""
        found: dict[str, Peers] = {}
        for cohort in reversed(_cohorts(college, intake)):
            if cohort not in self._medians:
                continue
            for name, (median, students) in zip(self._names, self._medians[cohort], strict=True):
                if students >= FEWEST:
                    found[name] = Peers(median, cohort[0], students)
        return found


def _cohorts(college: str | None, intake: int | None) -> list[tuple[Among, Hashable]]:
    """Return where a student belongs, the narrowest first."""
    found: list[tuple[Among, Hashable]] = [_EVERYBODY]
    if college is not None:
        found.insert(0, ("college", college))
        if intake is not None:
            found.insert(0, ("college_and_intake", (college, intake)))
    return found


def _medians(values: Array) -> list[tuple[float, int]]:
    """Return each column's median and how many have a value."""
    present = [column[np.isfinite(column)] for column in values.T]
    return [(float(np.median(one)) if len(one) else 0.0, len(one)) for one in present]
