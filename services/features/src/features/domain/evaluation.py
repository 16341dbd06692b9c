"""Evaluate students as of a moment, and say whose vector changed materially.

A change is material when any value, usual value, coverage or context differs at the precision in
which it is published. The digest of what was published last is part of a student's row, so that a
worker which was killed publishes again exactly what it had published since its checkpoint.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.domain.facts import FactBook
from features.domain.keys import Keys, mix
from features.domain.pool import Pool
from shared.features.catalogue import CATALOGUE
from shared.features.coverage import YieldBook
from shared.features.evaluate import FRAME_DAYS, Vectors, evaluate
from shared.features.frame import Frame
from shared.features.masking import Masking
from shared.features.precision import COVERAGE_PARTS, VALUE_PARTS, whole_parts

Ints = NDArray[np.int64]
Array = NDArray[Any]
ROWS_AT_ONCE = 2_048
_CLOSES = tuple(sorted({one.closes_at for one in CATALOGUE}))
_WIDTH = 3 * len(CATALOGUE)
_WEIGHTS: Keys = np.frombuffer(
    hashlib.shake_256(b"lantern vector digest").digest(8 * _WIDTH), "<u8"
) | np.uint64(1)


@dataclass(frozen=True)
class Moment:
    """The moment that vectors are judged for, and what ticks told of feeds."""

    as_of: int
    end_day: int
    minute: int
    yields: Array
    dead: tuple[str, ...]

    def key(self) -> tuple[int, tuple[bool, ...], bytes, tuple[str, ...]]:
        """Return what an evaluation depends on beside a student's own state."""
        closed = tuple(self.minute >= minute for minute in _CLOSES)
        return self.end_day, closed, self.yields.tobytes(), self.dead


def moment(as_of: int, end_day: int, minute: int, book: YieldBook) -> Moment:
    """Return the moment as of which a partition is evaluated."""
    yields = book.matrix(end_day, FRAME_DAYS)
    return Moment(as_of, end_day, minute, yields, tuple(book.dead()))


@dataclass(frozen=True)
class Evaluated:
    """Vectors of some rows at published precision, `[n, k]` whole parts, and their digests."""

    rows: Ints
    values: Ints
    coverage: Ints
    usual: Ints
    maskings: Sequence[Masking]
    mask_of: Ints
    digests: Keys
    exact: Vectors


class Evaluator:
    """Evaluates rows of the pool."""

    def __init__(self, pool: Pool, facts: FactBook) -> None:
        self._pool = pool
        self._facts = facts

    def evaluate(self, rows: Ints, at: Moment) -> Evaluated:
        """Evaluate some rows as of one moment."""
        pool = self._pool
        numbers, mask_of = np.unique(pool.masks[rows], return_inverse=True)
        maskings = [
            self._facts.masking(number, at.end_day, FRAME_DAYS) for number in numbers.tolist()
        ]
        masked = np.stack([masking.days for masking in maskings])[mask_of]
        days = pool.window(rows, at.end_day, FRAME_DAYS)
        frame = Frame(days, pool.rows["life"][rows], at.end_day, at.minute)
        exact = evaluate(frame, at.yields, masked)
        values, usual = (
            whole_parts(exact.values, VALUE_PARTS),
            whole_parts(exact.usual, VALUE_PARTS),
        )
        coverage = whole_parts(exact.coverage, COVERAGE_PARTS)
        context = np.array([_context(masking, at.dead) for masking in maskings], np.uint64)
        digests = _digests(np.concatenate([values, coverage, usual], axis=1), context[mask_of])
        return Evaluated(rows, values, coverage, usual, maskings, mask_of, digests, exact)


def _context(masking: Masking, dead: tuple[str, ...]) -> int:
    text = f"{masking.named}|{masking.exam}|{'|'.join(dead)}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _digests(parts: Ints, context: Keys) -> Keys:
    words = mix(parts.astype(np.uint64) + _WEIGHTS)
    total = mix((words * _WEIGHTS).sum(axis=1, dtype=np.uint64) + context)
    total[total == 0] = 1  # 0 means: never published
    return total
