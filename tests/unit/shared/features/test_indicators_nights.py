"""Indicators of the network and of nights on days that can be counted by hand."""

import math

import numpy as np
import pytest
from tests.helpers.campus_days import TODAY, Campus, minute

NOON_PAST = minute("12:30")


def night(campus: Campus, ago: int, last: str, first: str) -> None:
    """Be seen last in the evening before, or after midnight, and first in the morning of a day."""
    campus.card(ago + 1, last)
    campus.card(ago, first)


def test_session_hours_add_devices() -> None:
    """Two hours and one hour on one of fourteen days."""
    campus = Campus()
    campus.network(1, "10:00", 120)
    campus.network(1, "10:00", 60)
    assert campus.value("session_hours") == pytest.approx(3 / 14)


def test_gaming_share_is_of_minutes() -> None:
    """90 of 180 minutes; a report of more leisure than the session lasted counts the session."""
    campus = Campus()
    campus.network(1, "10:00", 120, leisure=90)
    campus.network(2, "10:00", 60)
    assert campus.value("gaming_share") == 0.5
    campus.network(3, "10:00", 60, leisure=500)
    assert campus.value("gaming_share") == 150 / 240


def test_flow_entropy_of_one_and_of_two_kinds_of_flows() -> None:
    """All flows in one bin is 0; half and half is ln 2 / ln 16; the mean of both days is half."""
    campus = Campus()
    campus.flows(1, [100] + [0] * 15)
    assert campus.value("flow_duration_entropy") == 0.0
    campus.flows(2, [50, 50] + [0] * 14)
    assert campus.value("flow_duration_entropy") == pytest.approx(0.125, abs=0.002)
    campus.flows(3, [0] * 16)
    assert campus.value("flow_duration_entropy") == pytest.approx(0.125, abs=0.002)


def test_net_offset_is_the_end_of_the_last_event() -> None:
    """Seen last at 23:30 and at 00:30: bins end at 23:35 and 00:35, five past midnight on mean."""
    campus = Campus()
    night(campus, 1, "23:30", "08:00")
    night(campus, 3, "00:30", "08:00")
    assert campus.value("net_offset_time", NOON_PAST) == pytest.approx(5.0)


def test_a_night_without_an_event_before_the_gap_has_no_offset() -> None:
    """Who was seen at 20:00 and at 08:00 went offline at an unknown hour."""
    campus = Campus()
    night(campus, 1, "20:00", "08:00")
    assert np.isnan(campus.value("net_offset_time", NOON_PAST))


def test_net_offset_sd_of_three_nights() -> None:
    """23:00, 24:00 and 01:00 have a standard deviation of an hour."""
    campus = Campus()
    for ago, last in ((1, "23:00"), (3, "00:00"), (5, "01:00")):
        night(campus, ago, last, "08:00")
    assert campus.value("net_offset_sd", NOON_PAST) == pytest.approx(60.0)


def test_the_same_night_every_night_is_wholly_regular() -> None:
    """Equal gaps on consecutive nights make 100."""
    campus = Campus()
    for ago in range(20):
        campus.card(ago, "07:00")
        campus.card(ago, "23:00")
    assert campus.value("sleep_regularity", NOON_PAST) == pytest.approx(100.0)


def test_sleep_regularity_loses_the_hours_that_differ() -> None:
    """An hour later to bed every second night: 12 of 288 bins differ, 100 - 200 x 12/288."""
    campus = Campus()
    for ago in range(20):
        campus.card(ago, "07:00")
        campus.card(ago, "23:00" if ago % 2 else "00:00")
    assert campus.value("sleep_regularity", NOON_PAST) == pytest.approx(100 - 200 * 12 / 288)


def test_social_jetlag_is_the_distance_of_the_middles() -> None:
    """From 23:00 to 07:00 on weekdays, from 01:00 to 09:00 before free days: two hours."""
    campus = Campus()
    for ago in range(30):
        free = (TODAY - ago + 3) % 7 in {5, 6}  # day 0 was a Thursday
        last, first = ("01:00", "09:00") if free else ("23:00", "07:00")
        night(campus, ago, last, first)
    assert campus.value("social_jetlag", NOON_PAST) == pytest.approx(2.0)


def test_social_jetlag_needs_free_days() -> None:
    """A single weekend night is no habit."""
    campus = Campus()
    for ago in range(6):
        night(campus, ago, "23:00", "07:00")
    assert np.isnan(campus.value("social_jetlag", NOON_PAST))


def test_the_longest_gap_of_a_restless_night() -> None:
    """Awake from 03:00 to 03:20 the gap before and after compete: the longer one counts."""
    campus = Campus()
    night(campus, 1, "23:00", "09:00")
    campus.network(2, "03:00", 20)
    assert campus.value("sleep_gap_hours", NOON_PAST) == pytest.approx(5 + 40 / 60)
    assert campus.value("net_offset_time", NOON_PAST) == pytest.approx(200.0)
    assert not math.isnan(campus.value("sleep_gap_hours"))
