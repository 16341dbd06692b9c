"""Evaluation: what a moment's key leaves out cannot change a vector; digests see every change."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.domain.evaluation import Evaluator, Moment
from features.domain.facts import FactBook
from features.domain.pool import Pool
from shared.features.slots import DAY, RING_DAYS, TYPES

_ROWS = np.arange(6)


def _a_pool(seed: int) -> Pool:
    pool, dice = Pool(1), np.random.default_rng(seed)
    pool.take_block(0, 0)
    bits = pool.days.view(np.uint8).reshape(RING_DAYS, -1, DAY.itemsize)
    bits[:, _ROWS] = dice.integers(0, 4, (RING_DAYS, len(_ROWS), DAY.itemsize), dtype=np.uint8)
    return pool


def _at(minute: int, dead: tuple[str, ...] = ()) -> Moment:
    yields = np.full((85, len(TYPES)), 1000, np.int32)
    return Moment(20_700 * 86_400, 20_700, minute, yields, dead)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(0, 1439), st.integers(0, 1439))
def test_between_two_closing_times_the_minute_changes_nothing(
    seed: int, one: int, two: int
) -> None:
    """Moments of equal keys give equal digests: skipping an evaluation hides nothing."""
    evaluator = Evaluator(_a_pool(seed), FactBook())
    first, second = _at(one), _at(two)
    if first.key() == second.key():
        digests = [evaluator.evaluate(_ROWS, at).digests.tolist() for at in (first, second)]
        assert digests[0] == digests[1]


def test_context_and_values_are_in_the_digest() -> None:
    """A dead feed changes every digest, a day's slots change the digest of their student alone."""
    pool = _a_pool(1)
    evaluator = Evaluator(pool, FactBook())
    before = evaluator.evaluate(_ROWS, _at(0)).digests
    assert (evaluator.evaluate(_ROWS, _at(0, ("gate",))).digests != before).all()
    pool.days["library_in"][20_690 % RING_DAYS, 3] += 50
    assert np.flatnonzero(evaluator.evaluate(_ROWS, _at(0)).digests != before).tolist() == [3]


def test_a_student_alone_is_evaluated_as_in_company() -> None:
    """One row or all rows: the same digest."""
    evaluator = Evaluator(_a_pool(2), FactBook())
    together = evaluator.evaluate(_ROWS, _at(400)).digests
    alone = [int(evaluator.evaluate(_ROWS[k : k + 1], _at(400)).digests[0]) for k in range(6)]
    assert alone == together.tolist()
