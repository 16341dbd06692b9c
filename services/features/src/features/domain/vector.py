"""Build the vectors that are published, in the contract's form."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.domain.campus_clock import seconds_text
from features.domain.evaluation import Evaluated, Moment
from features.domain.facts import FactBook
from features.domain.pool import NEVER, Pool
from shared.contracts.features import FeatureVector
from shared.features.catalogue import catalogue_hash
from shared.features.evaluate import FRAME_DAYS
from shared.features.precision import COVERAGE_PARTS, VALUE_PARTS, numbers_of
from shared.kernel.ids import stable_id

Ints = NDArray[np.int64]
_EPOCH = np.datetime64("1970-01-01", "D")


def vector_id(student: str, position: int) -> str:
    """Return the id of a student's vector at a position: the same whenever it is published."""
    return stable_id("vector", student, position)


def build(
    pool: Pool,
    facts: FactBook,
    evaluated: Evaluated,
    at: Moment,
    *,
    chosen: Sequence[tuple[int, str, int]],
    traces: dict[str, str],
) -> list[FeatureVector]:
    """Return vectors of chosen students: (index in `evaluated`, student, position)."""
    index = np.array([one[0] for one in chosen], np.int64)
    values = numbers_of(evaluated.values[index], VALUE_PARTS)
    usual = numbers_of(evaluated.usual[index], VALUE_PARTS)
    coverage = (evaluated.coverage[index] / COVERAGE_PARTS).tolist()
    heard = pool.rows["last_event"][evaluated.rows[index]].tolist()
    as_of, dead, catalogue = seconds_text(at.as_of), list(at.dead), catalogue_hash()
    window_start = str(_EPOCH + (at.end_day - FRAME_DAYS + 1))
    built = []
    for n, (place, student, position) in enumerate(chosen):
        masking = evaluated.maskings[int(evaluated.mask_of[place])]
        known = facts.students.get(student)
        built.append(
            FeatureVector(
                id=vector_id(student, position),
                student=student,
                position=position,
                as_of=as_of,
                event_time=None if heard[n] == NEVER else seconds_text(heard[n]),
                window_start=window_start,
                catalogue=catalogue,
                values=values[n],
                coverage=coverage[n],
                usual=usual[n],
                college=None if known is None else known.college,
                masked=masking.named,
                exam=masking.exam,
                dead_feeds=dead,
                traceparent=traces.get(student),
            )
        )
    return built
