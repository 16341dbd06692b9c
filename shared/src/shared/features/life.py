"""What is rarer than the ring: grades a term, milestones, last days; one `LIFE` record a student.

A term is the half-year in which a result was posted (August to January, February to July), because
term codes differ between schools and cannot be ordered. Both records merge in any order: a newer
half-year replaces an older one in its bucket, an equal one adds, an older one is dropped.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.features.slots import TERMS, DayArray

GRADE_STATUS = ("passed", "failed", "deferred", "ranked")
PASSED, FAILED, DEFERRED, RANKED = range(4)
_AUTUMN, _SPRING = 8, 2  # months in which a half-year begins
Array = NDArray[Any]


def half_year(days: Array) -> Array:
    """Return the half-year numbers (1 = spring 1970) of day numbers since 1970."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    year, month = months // 12, months % 12 + 1
    half = np.where(month >= _AUTUMN, 2, np.where(month >= _SPRING, 1, 0))
    return np.maximum(year * 2 + half, 1)


def apply_grades(
    life: DayArray,
    rows: Array,
    days: Array,
    status: Array,
    *,
    credits_: Array,
    points: Array,
    percentile: Array,
) -> int:
    """Merge results (NaN for absent points or percentile); return how many were too old."""
    tags = half_year(days)
    hundredths = np.rint(credits_ * 100.0).astype(np.int64)
    grade = np.rint(np.nan_to_num(points) * 100.0).astype(np.int64)
    rank = np.rint(np.nan_to_num(percentile) * 10_000.0).astype(np.int64)
    failed = (status == FAILED) | (status == DEFERRED)
    marked, ranked = ~np.isnan(points), ~np.isnan(percentile)
    too_old = 0
    for i, (row, tag) in enumerate(zip(rows.tolist(), tags.tolist(), strict=True)):
        term = life["terms"][row, tag % TERMS : tag % TERMS + 1]
        if term["tag"][0] > tag:
            too_old += 1
            continue
        if term["tag"][0] < tag:
            term[:] = np.zeros(1, term.dtype)
            term["tag"] = tag
        if marked[i]:
            term["credits"] += np.uint32(hundredths[i])
            term["credit_points"] += np.uint32(hundredths[i] * grade[i])
        if ranked[i]:
            term["ranks"] += np.uint16(1)
            term["rank_sum"] += np.uint32(rank[i])
        if failed[i]:
            term["failed"] += np.uint32(hundredths[i])
    return too_old


def apply_milestones(life: DayArray, rows: Array, *, kind: Array, due: Array, done: Array) -> None:
    """Merge milestones: day numbers since 1970, `done` 0 where it is still open."""
    np.maximum.at(life["due"], (rows, kind), _day(due))
    np.maximum.at(life["done"], (rows, kind), _day(done))


def apply_last_day(life: DayArray, field: str, rows: Array, days: Array) -> None:
    """Keep the latest day on which something happened: `advisor` or `literature`."""
    np.maximum.at(life[field], rows, _day(days))


def _day(numbers: Array) -> Array:
    return np.clip(numbers, 0, 65_535).astype(np.uint16)
