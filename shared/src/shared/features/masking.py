"""Masks on the days of a window: when absence means nothing, and what is to be named today."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shared.contracts.student import Mask
from shared.features.coverage import day_number
from shared.features.frame import Bools

Named = Literal["holiday", "leave", "internship", "exempt"]
_CONTEXT = "exam"
_FIRST_NAMED: tuple[Named, ...] = ("leave", "internship", "exempt", "holiday")


@dataclass(frozen=True)
class Masking:
    """A mask set on the days of a window: days that are masked, what is named today, exams."""

    days: Bools
    named: Named | None
    exam: bool


def masking_of(masks: Sequence[Mask], end_day: int, days: int) -> Masking:
    """Return a mask set over the days that end with `end_day`."""
    first = end_day - days + 1
    masked = np.zeros(days, np.bool_)
    today: set[str] = set()
    for mask in masks:
        start, end = day_number(mask.start), day_number(mask.end)
        if mask.kind != _CONTEXT:
            masked[max(start - first, 0) : max(end - first + 1, 0)] = True
        if start <= end_day <= end:
            today.add(mask.kind)
    named = next((kind for kind in _FIRST_NAMED if kind in today), None)
    return Masking(masked, named, _CONTEXT in today)
