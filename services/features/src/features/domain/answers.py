"""What can be asked of a student's state, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.domain.emission import Emitter
from features.domain.evaluation import Evaluator
from features.domain.pool import NEVER
from features.domain.state import PartitionState
from features.domain.vector import build
from shared.contracts.features import FeatureVector
from shared.features.catalogue import CATALOGUE
from shared.features.coverage import FULL
from shared.features.evaluate import FRAME_DAYS
from shared.features.slots import LAYOUT, TYPES


@dataclass(frozen=True)
class Reading:
    """One indicator's value with its coverage and the student's own usual range."""

    id: str
    value: float | None
    coverage: float
    usual: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Answer:
    """A student's vector as it stands now; `is_published` once exactly this was published."""

    vector: FeatureVector
    readings: Sequence[Reading]
    is_published: bool


@dataclass(frozen=True)
class DayAnswer:
    """One campus day of a student: slots by name, and which masks lie on it."""

    day: int
    slots: dict[str, int | list[int]]


@dataclass(frozen=True)
class CoverageAnswer:
    """What the feeds delivered day by day and event type, 0..1, and the days that are masked."""

    days: Sequence[int]
    types: dict[str, list[float]]
    masked: Sequence[bool]
    indicators: dict[str, float]
    dead_feeds: Sequence[str]


def vector_of(emitter: Emitter, state: PartitionState, student: str) -> Answer | None:
    """Evaluate one student as of their partition's moment; None before any tick or event."""
    at = emitter.moment_of(state)
    if at is None:
        return None
    row = state.rows[student]
    done = Evaluator(emitter.pool, emitter.facts).evaluate(np.array([row], np.int64), at)
    [vector] = build(
        emitter.pool, emitter.facts, done, at, chosen=[(0, student, state.position)], traces={}
    )
    low, high = _numbers(done.exact.low[0]), _numbers(done.exact.high[0])
    readings = [
        Reading(one.id, vector.values[k], vector.coverage[k], vector.usual[k], low[k], high[k])
        for k, one in enumerate(CATALOGUE)
    ]
    published = int(emitter.pool.rows["published"][row])
    return Answer(vector, readings, published == int(done.digests[0]))


def days_of(state: PartitionState, student: str, first: int, last: int) -> list[DayAnswer]:
    """Return a student's days of the ring between two day numbers, both included."""
    records = state.days_of(state.rows[student])
    first, last = max(first, state.oldest), min(last, state.newest)
    return [
        DayAnswer(
            day, {slot.name: _plain(records[day - state.oldest][slot.name]) for slot in LAYOUT}
        )
        for day in range(first, last + 1)
    ]


def coverage_of(emitter: Emitter, state: PartitionState, student: str) -> CoverageAnswer | None:
    """Return what a student's coverage is made of, over the days that indicators look at."""
    answer, at = vector_of(emitter, state, student), emitter.moment_of(state)
    if answer is None or at is None:
        return None
    number = int(emitter.pool.masks[state.rows[student]])
    masking = emitter.facts.masking(number, at.end_day, FRAME_DAYS)
    return CoverageAnswer(
        days=range(at.end_day - FRAME_DAYS + 1, at.end_day + 1),
        types={name: (at.yields[:, k] / FULL).tolist() for k, name in enumerate(TYPES)},
        masked=masking.days.tolist(),
        indicators={one.id: one.coverage for one in answer.readings},
        dead_feeds=at.dead,
    )


def heard_at(state: PartitionState, student: str) -> int | None:
    """Return when a student was last heard of, in seconds since 1970."""
    second = int(state.pool.rows["last_event"][state.rows[student]])
    return None if second == NEVER else second


def _numbers(values: Any) -> list[float | None]:  # noqa: ANN401 - one row of floats
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


def _plain(value: Any) -> int | list[int]:  # noqa: ANN401 - a numpy scalar or a row
    plain: int | list[int] = value.tolist()
    return plain
