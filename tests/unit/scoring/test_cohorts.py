"""What is usual among peers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.cohorts import FEWEST, Cohorts, Peers

NAMES = ["meals", "visits"]


def the_cohorts() -> Cohorts:
    """Return 20 of the same intake at A, 20 later ones at A, 5 at B, 15 of nowhere known."""
    meals = [3.0] * 20 + [1.0] * 20 + [9.0] * 5 + [2.0] * 15
    visits = [np.nan] * 20 + [4.0] * 20 + [8.0] * 20
    values = np.array([meals, visits], np.float32).T
    colleges = ["A"] * 40 + ["B"] * 5 + [None] * 15
    intakes = [2025] * 20 + [2026] * 20 + [2025] * 20
    return Cohorts(NAMES, values, colleges, intakes)


def test_the_narrowest_cohort_that_is_large_enough_speaks() -> None:
    """College and intake, else the college, else everybody; by indicator."""
    cohorts = the_cohorts()
    same = cohorts.peers("A", 2025)
    assert same["meals"] == Peers(3.0, "college_and_intake", 20)
    assert same["visits"] == Peers(4.0, "college", 20), "nobody of that intake has it"
    assert cohorts.peers("A", 1999)["meals"] == Peers(2.0, "college", 40)
    assert cohorts.peers("B", 2025)["meals"] == Peers(2.0, "everybody", 60)
    assert cohorts.peers(None, 2025) == cohorts.peers("B", None)


def test_too_few_say_nothing() -> None:
    """Below the smallest group there are no peers at all."""
    values = np.ones((FEWEST - 1, 2), np.float32)
    few = Cohorts(NAMES, values, ["A"] * (FEWEST - 1), [None] * (FEWEST - 1))
    assert few.peers("A", None) == {}
    assert Cohorts(NAMES, values[:0], [], []).peers("A", 2025) == {}


@given(
    st.lists(
        st.tuples(
            st.floats(width=32),
            st.sampled_from(["A", "B", None]),
            st.sampled_from([2025, 2026, None]),
        ),
        max_size=80,
    )
)
def test_whoever_speaks_are_enough_and_finite(
    rows: list[tuple[float, str | None, int | None]],
) -> None:
    """Whatever the vectors hold, a median is a number of at least so many students."""
    values = np.array([[value] for value, _, _ in rows], np.float32).reshape(-1, 1)
    cohorts = Cohorts(["x"], values, [one for _, one, _ in rows], [one for _, _, one in rows])
    for college in ("A", "B", None):
        for intake in (2025, None):
            for one in cohorts.peers(college, intake).values():
                assert one.students >= FEWEST
                assert np.isfinite(one.value)
