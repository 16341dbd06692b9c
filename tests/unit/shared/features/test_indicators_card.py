"""Indicators of the campus card on days that can be counted by hand."""

import math

import numpy as np
import pytest
from tests.helpers.campus_days import Campus


def meals(campus: Campus, ago: int, *clocks: str) -> None:
    for clock in clocks:
        campus.card(ago, clock)


def test_meal_start_sd_averages_the_meals() -> None:
    """Breakfast at 7:00, 7:30, 8:00 is 30 min, lunch always at 12:00 is 0: 15 on average."""
    campus = Campus()
    for ago, breakfast in ((1, "07:00"), (2, "07:30"), (3, "08:00")):
        meals(campus, ago, breakfast, "12:00")
    campus.card(4, "18:00")
    assert campus.value("meal_start_sd") == pytest.approx(15.0)


def test_meal_start_sd_needs_three_of_a_meal() -> None:
    """Two breakfasts have no spread worth the name."""
    campus = Campus()
    meals(campus, 1, "07:00")
    meals(campus, 2, "09:00")
    assert np.isnan(campus.value("meal_start_sd"))


def test_an_unvarying_student_is_most_orderly() -> None:
    """84 tokens, each seen before for six more: lengths of 7, S = 84 ln 84 / (84 x 7 - 15)."""
    campus = Campus()
    for ago in range(1, 85):
        meals(campus, ago, "07:00", "12:00", "18:00")
    lengths = 84 * 7 - (1 + 2 + 3 + 4 + 5)  # the last five have less than six from them on
    assert campus.value("orderliness") == pytest.approx(-84 * math.log(84) / lengths)


def test_meals_at_ever_new_hours_are_disorderly() -> None:
    """Breakfast and lunch at hours without a rhythm are farther from 0 than always the same."""
    campus = Campus()
    for ago in range(1, 85):
        breakfast = 6 * 60 + 30 * ((5 * ago * ago + ago // 3) % 8)
        lunch = 10 * 60 + 30 * ((3 * ago * ago + ago // 5) % 8)
        meals(campus, ago, *(f"{m // 60:02}:{m % 60:02}" for m in (breakfast, lunch)))
    regular = Campus()
    for ago in range(1, 85):
        meals(regular, ago, "06:30", "12:00")
    assert campus.value("orderliness") < 1.5 * regular.value("orderliness")
    assert np.isnan(Campus().value("orderliness"))


def test_orderliness_of_tokens_that_can_be_counted() -> None:
    """Lunch at 12:00 on the day before yesterday and yesterday only, in a month without meals.

    Of 84 tokens only the two lunches are news: yesterday's was eaten at the same time once before,
    but followed by other days. Lengths are counted here by brute force over the same tokens.
    """
    campus = Campus()
    for ago in (1, 2):
        campus.card(ago, "12:00")
    tokens = ["none"] * (82 * 3) + ["none", "12:00", "none"] * 2
    lengths = 0
    for at in range(56 * 3, 84 * 3):
        best = 0
        for lag in range(3, 43, 3):
            run = 0
            while run < 6 and at + run < 252 and tokens[at + run] == tokens[at + run - lag]:
                run += 1
            best = max(best, run)
        lengths += 1 + best
    assert campus.value("orderliness") == pytest.approx(-84 * math.log(84) / lengths)


def test_an_ordinary_week_is_not_unusual() -> None:
    """The same meals as in the eight weeks before are distance 0, none of them distance 1."""
    same, fasting = Campus(), Campus()
    for ago in range(1, 64):
        same.card(ago, "12:00", 10.0)
        if ago > 7:
            fasting.card(ago, "12:00", 10.0)
    assert same.value("diet_anomaly") == 0.0
    assert fasting.value("diet_anomaly") == 1.0


def test_diet_anomaly_weighs_meals_and_money() -> None:
    """Lunch for 10 yuan became supper for 30: (1 + 1 + 2) apart of (1 + 1 + 1 + 3) in all."""
    campus = Campus()
    for ago in range(1, 64):
        if ago > 7:
            campus.card(ago, "12:00", 10.0)
        else:
            campus.card(ago, "17:00", 30.0)
    assert campus.value("diet_anomaly") == pytest.approx(4 / 6)


def test_spend_entropy_is_by_amount() -> None:
    """Half of the money on meals, half in the shop: ln 2; all on meals: 0."""
    campus = Campus()
    campus.card(1, "12:00", 30.0)
    assert campus.value("spend_entropy") == 0.0
    campus.card(2, "15:00", 30.0, kind="shop")
    assert campus.value("spend_entropy") == pytest.approx(math.log(2))
    campus.card(3, "22:00", 60.0, kind="printing")
    assert campus.value("spend_entropy") == pytest.approx(1.5 * math.log(2))


def test_shower_interval_is_the_longest_run_without() -> None:
    """Showers 2, 5 and 12 days ago: six days lie between the last two."""
    campus = Campus()
    for ago in (2, 5, 12):
        campus.card(ago, "21:00", 2.0, kind="shower")
    assert campus.value("shower_interval") == 6.0


def test_shower_interval_ends_where_nobody_looked() -> None:
    """The card feed was dead on the third of six days: at most three days without are known."""
    campus = Campus()
    for ago in (1, 8, 9, 10, 11, 12, 13, 14):
        campus.card(ago, "21:00", 2.0, kind="shower")
    assert campus.value("shower_interval") == 6.0
    campus.kill("lantern.card.swiped.v1", 5)
    assert campus.value("shower_interval") == 3.0


def test_who_never_showers_by_card_washes_elsewhere() -> None:
    """Without any shower in twelve weeks the interval is missing, not fourteen days."""
    campus = Campus()
    campus.card(1, "12:00")
    assert np.isnan(campus.value("shower_interval"))
