"""Grades by half-year and milestones."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.campus_days import TODAY, Campus

from shared.features.life import FAILED, PASSED, apply_grades, apply_milestones, half_year
from shared.features.slots import LIFE, DayArray, empty_life

SPRING = (date(2025, 7, 1) - date(1970, 1, 1)).days
NAN = float("nan")


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def grade(life: DayArray, on: int, credits_: float, points: float, *, status: int = PASSED) -> int:
    return apply_grades(
        life,
        np.array([0]),
        np.array([on]),
        np.array([status]),
        credits_=np.array([credits_]),
        points=np.array([points]),
        percentile=np.array([NAN]),
    )


def test_january_belongs_to_the_autumn_before() -> None:
    """August to January is one half-year, February to July the next."""
    days = np.array([day("2025-08-01"), day("2026-01-31"), day("2026-02-01"), day("2026-07-31")])
    numbers = half_year(days)
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3] == numbers[0] + 1


@settings(max_examples=50, deadline=None)
@given(order=st.permutations(range(10)), seed=st.integers(0, 2**31))
def test_results_merge_in_any_order(order: list[int], seed: int) -> None:
    """Ten years of results in any order end in the same record; the oldest terms give way."""
    rng = np.random.default_rng(seed)
    when = SPRING - rng.integers(0, 3650, 10)
    worth = rng.integers(1, 9, 10)
    one, other = empty_life(1), empty_life(1)
    for i in range(10):
        grade(one, int(when[i]), float(worth[i]), 3.0)
    for i in order:
        grade(other, int(when[i]), float(worth[i]), 3.0)
    assert one.tobytes() == other.tobytes()


def test_an_older_term_than_the_record_holds_is_reported() -> None:
    """A result four years old does not push out a newer one."""
    life = empty_life(1)
    assert grade(life, SPRING, 2, 3.0) == 0
    assert grade(life, SPRING - 4 * 366, 2, 3.0) == 1
    assert life["terms"]["credits"].sum() == 200


def test_gpa_drop_is_in_cohort_standard_deviations() -> None:
    """3.0 after 3.6 and 3.9 is 0.75 points below the mean, 1.25 SD."""
    campus = Campus()
    for ago, points in ((400, 3.6), (200, 3.9), (10, 3.0)):
        grade(campus.life, TODAY - ago, 2.0, points)
    assert campus.value("gpa_drop") == pytest.approx(-1.25)


def test_failed_credits_count_two_half_years_and_overdue_stages() -> None:
    """4 failed credits this year, 3 long ago, one proposal overdue: 4 + 2."""
    campus = Campus()
    grade(campus.life, TODAY - 20, 4.0, NAN, status=FAILED)
    grade(campus.life, TODAY - 900, 3.0, NAN, status=FAILED)
    none, late = np.array([0]), np.array([TODAY - 5])
    apply_milestones(campus.life, none, kind=np.array([1]), due=late, done=none)
    apply_milestones(campus.life, none, kind=np.array([2]), due=late, done=late)
    assert campus.value("failed_credits") == 6.0


def test_no_grade_feed_and_no_record_is_missing_and_not_zero() -> None:
    """Without a feed nothing is known; with a feed and no failure the value is 0."""
    campus = Campus()
    assert campus.value("failed_credits") == 0.0
    assert campus.coverage("failed_credits") == 1.0
    campus.kill("lantern.grade.posted.v1", *range(85))
    assert np.isnan(campus.value("failed_credits"))
    assert campus.coverage("failed_credits") == 0.0


def test_the_record_is_small() -> None:
    """What is rare costs little."""
    assert LIFE.itemsize <= 192
