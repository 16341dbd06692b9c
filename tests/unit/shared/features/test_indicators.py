"""Each indicator on days that can be counted by hand."""

import math

import numpy as np
import pytest
from tests.helpers.campus_days import Campus, minute

from shared.features.fold import place_index

CARD, GATE = "lantern.card.swiped.v1", "lantern.gate.passed.v1"


def test_breakfast_rate_counts_days() -> None:
    """Breakfast on 4 of 14 days is 4/14; 09:30 and a shop are no breakfast."""
    campus = Campus()
    for ago in (1, 2, 3, 4):
        campus.card(ago, "06:00")
    campus.card(5, "09:30")
    campus.card(6, "05:59")
    campus.card(7, "07:00", kind="shop")
    assert campus.value("breakfast_rate", minute("09:00")) == 4 / 14


def test_breakfast_today_counts_once_its_hours_are_over() -> None:
    """At 09:30 today's breakfast joins the window and the oldest day leaves it."""
    campus = Campus()
    campus.card(0, "07:00")
    assert campus.value("breakfast_rate", minute("09:29")) == 0.0
    assert campus.value("breakfast_rate", minute("09:30")) == 1 / 14


def test_meal_count_merges_purchases_of_one_meal() -> None:
    """12:00, 12:10 and 12:39 are one meal, 18:00 another."""
    campus = Campus()
    for clock in ("12:00", "12:10", "12:39", "18:00"):
        campus.card(1, clock)
    assert campus.value("meal_count") == 2 / 7


def test_an_unvarying_student_has_entropy_zero() -> None:
    """A meal at the same half hour every day carries no surprise at all: exactly 0."""
    campus = Campus()
    for ago in range(1, 29):
        campus.card(ago, "12:05")
    assert campus.value("meal_time_entropy") == 0.0


def test_meal_time_entropy_of_two_hours() -> None:
    """Half of the meals in each of two half hours is ln 2 / ln 48."""
    campus = Campus()
    for ago in range(1, 29):
        campus.card(ago, "12:05" if ago % 2 else "19:31")
    assert campus.value("meal_time_entropy") == pytest.approx(math.log(2) / math.log(48))


def test_spend_level_is_a_median_of_days() -> None:
    """Eight days of 20 yuan among 14 make a median of 20, two among eight make 0."""
    campus = Campus()
    for ago in range(1, 9):
        campus.card(ago, "12:00", 12.5)
        campus.card(ago, "18:00", 7.5)
    assert campus.value("spend_level") == 20.0
    for ago in range(1, 7):
        campus.mask(ago)
    assert campus.value("spend_level") == 0.0


def test_spend_level_drop_compares_two_weeks_with_eight() -> None:
    """From 31 to 15 yuan a day is ln(16/32)."""
    campus = Campus()
    for ago in range(1, 85):
        campus.card(ago, "12:00", 15.0 if ago <= 14 else 31.0)
    assert campus.value("spend_level_drop") == pytest.approx(math.log(0.5))


def test_late_snack_rate_is_a_share_of_purchases() -> None:
    """Two of four purchases between 22:00 and 06:00; water is no purchase."""
    campus = Campus()
    for clock in ("22:00", "05:59", "06:00", "21:59"):
        campus.card(1, clock, kind="shop")
    campus.card(1, "23:00", 0.1, kind="water")
    assert campus.value("late_snack_rate") == 0.5


def test_library_visits_are_a_week() -> None:
    """Eight entries in 28 days are two a week."""
    campus = Campus()
    for ago in range(1, 9):
        campus.gate(ago, "14:00", "in", gate="library", place="L")
    assert campus.value("library_visits") == 2.0


def test_library_stay_pairs_entries_and_exits() -> None:
    """09:00-11:00 and 14:00-15:30 are 3.5 h in four weeks."""
    campus = Campus()
    for clock, direction in (("09:00", "in"), ("11:00", "out"), ("14:00", "in"), ("15:30", "out")):
        campus.gate(3, clock, direction, gate="library", place="L")
    assert campus.value("library_stay") == pytest.approx(3.5 / 4)


def test_library_stay_without_exits_lasts_to_the_next_event_at_most_five_hours() -> None:
    """An entry at 09:00 with a meal at 12:00 is 3 h; one with nothing after it is 5 h."""
    campus = Campus()
    campus.gate(3, "09:00", "in", gate="library", place="L")
    campus.card(3, "12:00")
    campus.gate(5, "09:00", "in", gate="library", place="L")
    assert campus.value("library_stay") == pytest.approx((3 + 5) / 4)


def test_late_return_looks_at_the_last_entry() -> None:
    """23:00 is late, 22:59 is not, and 02:00 belongs to the evening before."""
    campus = Campus()
    campus.gate(1, "22:59", "in")
    campus.gate(2, "23:00", "in")
    campus.gate(3, "20:00", "in")
    campus.gate(3, "02:00", "in")
    assert campus.value("late_return") == 2 / 14


def test_overnight_absence_accepts_the_own_dorm_network() -> None:
    """Six nights by the gate, four by a session in the same building, four without either."""
    campus = Campus()
    other = next(f"X{i}" for i in range(64) if place_index(f"X{i}") % 32 != place_index("D1") % 32)
    for ago in range(1, 7):
        campus.gate(ago, "22:00", "in")
    for ago in range(7, 11):
        campus.network(ago, "21:00", 60)
    for ago in range(11, 15):
        campus.network(ago, "21:00", 60, place=other)
    assert campus.value("overnight_absence") == 4 / 14


def test_overnight_absence_is_missing_for_who_lives_elsewhere() -> None:
    """A student without any dorm pass is not called absent every night."""
    campus = Campus()
    campus.card(1, "12:00")
    assert np.isnan(campus.value("overnight_absence"))


def test_no_exit_days_need_a_sign_of_being_in() -> None:
    """A day with only sessions in the dorm counts; an exit, a meal or another place ends it."""
    campus = Campus()
    for ago in range(1, 6):
        campus.network(ago, "21:00", 60)
    campus.gate(2, "08:00", "out")
    campus.card(3, "12:00")
    other = next(f"X{i}" for i in range(64) if place_index(f"X{i}") % 32 != place_index("D1") % 32)
    campus.gate(4, "10:00", "in", gate="lab", place=other)
    campus.gate(20, "22:00", "in")
    assert campus.value("no_exit_days") == 2 / 14


def test_night_minutes_count_two_devices_once() -> None:
    """00:00-01:00 on two devices and 23:00-24:00 on one are 60 minutes of one night in seven."""
    campus = Campus()
    campus.network(1, "00:00", 60)
    campus.network(1, "00:00", 60)
    campus.network(1, "23:00", 60)
    assert campus.value("night_net_minutes") == pytest.approx(60 / 7)


def test_sleep_gap_is_the_longest_quiet_of_a_night() -> None:
    """Last event 23:30, first 08:00: 8 h 25 min between the two five-minute bins."""
    campus = Campus()
    campus.card(2, "21:00")
    campus.card(2, "23:30")
    campus.card(1, "08:00")
    assert campus.value("sleep_gap_hours") == pytest.approx(8 + 25 / 60)


def test_first_activity_begins_at_five() -> None:
    """04:30 is still the night before; 07:00 and 09:00 average to 08:00."""
    campus = Campus()
    campus.card(1, "04:30")
    campus.card(1, "07:00")
    campus.card(2, "09:00")
    for ago in range(3, 30):
        campus.card(ago, "04:30")
    assert campus.value("first_activity_time") == 8 * 60


def test_places_are_counted_once_a_day() -> None:
    """Two buildings on one day, and a session of 9 minutes that is only passing by."""
    campus = Campus()
    campus.gate(1, "08:00", "in", gate="lab", place="A")
    campus.gate(1, "12:00", "in", gate="lab", place="A")
    campus.network(1, "14:00", 10, place="B")
    campus.network(1, "15:00", 9, place="C")
    assert campus.value("places_visited") == 2 / 14


def test_silent_days_count_back_to_the_last_sign() -> None:
    """Seen four days ago: three silent days; seen today: none."""
    campus = Campus()
    for ago in range(4, 40):
        campus.card(ago, "12:00")
    assert campus.value("silent_days") == 3.0
    campus.gate(0, "07:00", "out")
    assert campus.value("silent_days") == 0.0


def test_silence_is_not_counted_while_the_feed_is_dead_or_the_student_away() -> None:
    """Of five days without a sign one had a dead reader and two were leave: two remain."""
    campus = Campus()
    for ago in range(6, 40):
        campus.card(ago, "12:00")
    campus.kill(CARD, 1)
    campus.mask(2, 3)
    assert campus.value("silent_days") == 2.0


def test_silence_of_a_dead_feed_that_never_saw_the_student_does_not_matter() -> None:
    """A student known by card only stays judged by the card when the gates die."""
    campus = Campus()
    for ago in range(4, 40):
        campus.card(ago, "12:00")
    campus.kill(GATE, *range(10))
    assert campus.value("silent_days") == 3.0


def test_a_student_nobody_ever_saw_is_missing_and_not_silent() -> None:
    """Without a feed that would have seen the student there is nothing to judge."""
    campus = Campus()
    assert np.isnan(campus.value("silent_days"))
    assert campus.coverage("silent_days") == 0.0


def test_silence_stops_at_a_week() -> None:
    """Longer silence is the same silence."""
    campus = Campus()
    for ago in range(20, 80):
        campus.card(ago, "12:00")
    assert campus.value("silent_days") == 7.0
