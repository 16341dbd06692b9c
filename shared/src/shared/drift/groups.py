"""Drift of all indicators of all groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shared.drift.measures import FEWEST, Drift, judge
from shared.drift.reference import Reference

Array = NDArray[Any]
By = Literal["all", "college", "intake"]


@dataclass(frozen=True)
class Group:
    """Drift by indicator of one group; a group below 30 students has neither size nor figures."""

    by: By
    name: str
    students: int | None
    indicators: Mapping[str, Drift]


def measure(
    reference: Reference,
    names: Sequence[str],
    values: Array,
    groups: Mapping[By, Sequence[str | None]],
) -> list[Group]:
    """Judge `[n, k]` values as a whole and by each grouping; None belongs to no group of it."""
    found = [_judged("all", "all", values, reference=reference, names=names)]
    for by, labels in groups.items():
        array = np.array(["" if label is None else label for label in labels], dtype=object)
        found += [
            _judged(by, name, values[array == name], reference=reference, names=names)
            for name in sorted({label for label in labels if label})
        ]
    return found


def drifting(groups: Iterable[Group]) -> list[tuple[Group, str, Drift]]:
    """Return what shifted or went missing, the greatest PSI first."""
    bad = [
        (group, name, one)
        for group in groups
        for name, one in group.indicators.items()
        if one.verdict in ("shifted", "missing")
    ]
    return sorted(bad, key=lambda each: -(each[2].psi or 0.0))


def _judged(
    by: By, name: str, values: Array, *, reference: Reference, names: Sequence[str]
) -> Group:
    if len(values) < FEWEST:
        return Group(by, name, None, {})
    columns = {
        indicator: judge(reference.indicators[indicator], values[:, place])
        for place, indicator in enumerate(names)
        if indicator in reference.indicators
    }
    return Group(by, name, len(values), columns)
