"""Indicators of doors and places on days that can be counted by hand."""

import math

import numpy as np
import pytest
from tests.helpers.campus_days import Campus


def test_loans_are_counted_a_month() -> None:
    """Four loans in 56 days are two in 28; an overdue notice is none."""
    campus = Campus()
    for ago in (1, 10, 20, 50, 60):
        campus.lend(ago)
    campus.lend(2, overdue=True)
    assert campus.value("loans") == 2.0


def test_overdue_notices_are_counted_by_day() -> None:
    """Two days with notices in 56, one of them with two: one in 28."""
    campus = Campus()
    for ago in (3, 3, 30):
        campus.lend(ago, overdue=True)
    assert campus.value("overdue_loans") == 1.0
    assert campus.value("loans") == 0.0


def test_home_stay_of_a_day_out() -> None:
    """Out at 09:00 and back at 17:00 leaves 1 h and 3 h of twelve."""
    campus = Campus()
    for ago in range(1, 8):
        campus.gate(ago, "09:00", "out")
        campus.gate(ago, "17:00", "in")
    assert campus.value("home_stay") == 4.0


def test_home_stay_counts_only_the_hours_between_eight_and_twenty() -> None:
    """Out from 07:00 to 22:00 is nothing, out from 20:30 to 23:00 is all of the day."""
    campus = Campus()
    campus.gate(1, "07:00", "out")
    campus.gate(1, "22:00", "in")
    assert campus.value("home_stay") == 0.0
    for ago in (2, 3):
        campus.gate(ago, "20:30", "out")
        campus.gate(ago, "23:00", "in")
    assert campus.value("home_stay") == 12.0


def test_home_stay_of_who_slept_elsewhere() -> None:
    """Home at 10:00, out again at 13:00: three hours; out at 14:00 until the next day: six."""
    campus = Campus()
    campus.gate(1, "10:00", "in")
    campus.gate(1, "13:00", "out")
    assert campus.value("home_stay") == 3.0
    campus = Campus()
    campus.gate(2, "14:00", "out")
    assert campus.value("home_stay") == 6.0


def test_home_stay_leaves_out_what_does_not_pair_up() -> None:
    """Two exits in a row say nothing; a day without passes counts if a session was at home."""
    campus = Campus()
    campus.gate(1, "09:00", "out")
    campus.gate(1, "12:00", "out")
    assert np.isnan(campus.value("home_stay"))
    campus.network(3, "21:00", 60)
    assert campus.value("home_stay") == 12.0


def test_first_activity_slope_is_minutes_a_day() -> None:
    """Ten minutes later every day is a slope of 10, also with a day missing."""
    campus = Campus()
    for ago in range(1, 15):
        if ago != 6:
            minute = 8 * 60 - 10 * ago
            campus.gate(ago, f"{minute // 60:02}:{minute % 60:02}", "out")
    assert campus.value("first_activity_slope") == pytest.approx(10.0)


def test_a_trend_needs_seven_days() -> None:
    """Six days have none."""
    campus = Campus()
    for ago in range(1, 7):
        campus.gate(ago, "08:00", "out")
    assert np.isnan(campus.value("first_activity_slope"))
    campus.gate(7, "08:00", "out")
    assert campus.value("first_activity_slope") == 0.0


def test_the_same_day_every_day_is_wholly_alike() -> None:
    """An unvarying student's similarity is 1."""
    campus = Campus()
    for ago in range(1, 60):
        campus.card(ago, "12:00")
    assert campus.value("routine_similarity") == 1.0


def test_routine_similarity_counts_parts_of_the_day() -> None:
    """Meals at noon and at 18:00 in turn: odd lags differ in 2 of 18 parts, even ones in none."""
    campus = Campus()
    for ago in range(1, 60):
        campus.card(ago, "12:00" if ago % 2 else "18:00")
    assert campus.value("routine_similarity") == pytest.approx(1 - 0.5 * 2 / 18)


def test_location_entropy_weighs_places_by_days() -> None:
    """One place on four days, another on four: ln 2; a third on one of nine visits more."""
    campus = Campus()
    for ago in range(1, 5):
        campus.gate(ago, "08:00", "in", gate="lab", place="A")
    assert campus.value("location_entropy") == 0.0
    for ago in range(5, 9):
        campus.gate(ago, "08:00", "in", gate="lab", place="B")
    assert campus.value("location_entropy") == pytest.approx(math.log(2))
    campus.gate(1, "09:00", "in", gate="lab", place="C")
    hand = -(2 * 4 / 9 * math.log(4 / 9) + 1 / 9 * math.log(1 / 9))
    assert campus.value("location_entropy") == pytest.approx(hand)
