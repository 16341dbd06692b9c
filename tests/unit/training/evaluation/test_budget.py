"""The alert budget: who is alerted each week."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.budget import alerted, cut_of, places
from training.evaluation.sample import sample_of


def weights(probability: Any, students: Any = None, weeks: Any = None, share: Any = 0.5) -> Any:
    probability = np.array(probability, float)
    students = range(len(probability)) if students is None else students
    sample = sample_of(np.zeros(len(probability)), list(students), weeks)
    return alerted(sample, probability, share)


@pytest.mark.parametrize(
    ("students", "share", "expected"), [(10_000, 0.015, 150), (40, 0.015, 1), (200, 0.015, 3)]
)
def test_places(students: int, share: float, expected: int) -> None:
    """A share of the students, whole ones only, at least one."""
    assert places(students, share) == expected


def test_the_highest_of_each_week() -> None:
    """Every week has its own budget, whatever the level of the others."""
    found = weights([0.9, 0.8, 0.7, 0.6, 0.1, 0.2], [1, 2, 3, 4, 1, 2], [1, 1, 1, 1, 2, 2])
    assert found.tolist() == [1, 1, 0, 0, 0, 1]


def test_ties_share_what_is_left() -> None:
    """Two places, one clear, three tied for the other: a third each."""
    assert weights([0.9, 0.5, 0.5, 0.5]).tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


def test_the_cut_is_the_lowest_alerted() -> None:
    """The working threshold is read from who was alerted."""
    probability = np.array([0.9, 0.5, 0.3, 0.1])
    assert cut_of(probability, weights(probability)) == pytest.approx(0.5)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 2)), min_size=1),
    st.randoms(use_true_random=False),
)
def test_spends_the_budget_and_ignores_order(rows: Any, random: Any) -> None:
    """The alerts of a week sum to its places, and the order of rows changes nobody's weight."""
    rows = list({(s, w): (p, s, w) for p, s, w in rows}.values())
    p, students, weeks = (np.array(c) for c in zip(*rows, strict=True))
    found = weights(p / 10, students, weeks, share=0.3)
    for week in np.unique(weeks):
        expected = places((weeks == week).sum(), 0.3)
        assert found[weeks == week].sum() == pytest.approx(expected)
    mixed = random.sample(range(len(rows)), len(rows))
    again = weights(p[mixed] / 10, students[mixed], weeks[mixed], share=0.3)
    assert again == pytest.approx(found[mixed])
