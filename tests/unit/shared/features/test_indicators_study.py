"""Indicators of study and research on days that can be counted by hand."""

import numpy as np
import pytest
from tests.helpers.campus_days import TODAY, Campus

from shared.features.life import apply_last_day, apply_milestones

ADVISOR = "lantern.advisor.contacted.v1"


def test_milestone_delay_adds_the_days_of_open_stages() -> None:
    """Five and thirty days late are 35; what is done or due later adds nothing."""
    campus, none = Campus(), np.array([0])
    for kind, ago, done in ((0, 5, 0), (1, 30, 0), (2, 90, TODAY - 60), (3, -10, 0)):
        due = np.array([TODAY - ago])
        apply_milestones(campus.life, none, kind=np.array([kind]), due=due, done=np.array([done]))
    assert campus.value("milestone_delay_days") == 35.0


def test_lms_leadtime_is_a_mean_within_bounds() -> None:
    """10 h early, 2 h late and a month early: (10 + 0 + 72) / 3."""
    campus = Campus()
    for ago, lead in ((1, 10.0), (2, -2.0), (3, 700.0)):
        campus.learn(ago, "12:00", lead=lead)
    campus.learn(4, "12:00")
    assert campus.value("lms_leadtime") == pytest.approx(82 / 3)


def test_lms_shift_compares_with_the_months_before() -> None:
    """Usually at 14:00, for four weeks at 22:00: eight hours later."""
    campus = Campus()
    for ago in range(1, 80):
        campus.learn(ago, "22:00" if ago <= 28 else "14:00")
    assert campus.value("lms_shift") == pytest.approx(8.0)
    assert np.isnan(Campus().value("lms_shift"))


def test_attendance_is_of_what_was_scheduled() -> None:
    """Three of four attended, whatever the kind."""
    campus = Campus()
    campus.meet(1, "08:00")
    campus.meet(1, "10:00", kind="lab")
    campus.meet(2, "14:00", kind="group_meeting")
    campus.meet(3, "08:00", there=False)
    assert campus.value("attendance") == 0.75


def test_group_meeting_absence_looks_at_group_meetings_only() -> None:
    """One of three group meetings missed; a missed class does not matter."""
    campus = Campus()
    for ago in (1, 8):
        campus.meet(ago, "14:00", kind="group_meeting")
    campus.meet(15, "14:00", kind="group_meeting", there=False)
    campus.meet(2, "08:00", there=False)
    assert campus.value("group_meeting_absence") == 1 / 3


def test_lab_hours_are_a_mean_of_all_days() -> None:
    """Seven hours on two of fourteen days are one hour a day."""
    campus = Campus()
    for ago in (1, 4):
        campus.meet(ago, "09:00", kind="lab", minutes=420)
    campus.meet(5, "09:00", kind="lab", minutes=420, there=False)
    assert campus.value("lab_entry_hours") == pytest.approx(1.0)


def test_lab_nights_touch_the_night() -> None:
    """09:00-17:00 is day, 16:00-23:00 and 05:00-07:00 are night: two of three."""
    campus = Campus()
    campus.meet(1, "09:00", kind="lab", minutes=480)
    campus.meet(2, "16:00", kind="lab", minutes=420)
    campus.meet(3, "05:00", kind="lab", minutes=120)
    assert campus.value("lab_night_share") == 2 / 3


@pytest.mark.parametrize(
    ("indicator", "field"),
    [("advisor_contact_gap", "advisor"), ("literature_stall", "literature")],
)
def test_days_since_the_last_time(indicator: str, field: str) -> None:
    """Ten days ago is 10, today is 0, never is missing; long ago stops at 84."""
    for ago, gap in ((10, 10.0), (0, 0.0), (300, 84.0)):
        campus = Campus()
        apply_last_day(campus.life, field, np.array([0, 0]), np.array([TODAY - ago, TODAY - 350]))
        assert campus.value(indicator) == gap
    assert np.isnan(Campus().value(indicator))


def test_time_without_the_advisor_runs_on_observed_days_only() -> None:
    """Of ten days since the meeting two were leave and three without the feed: five count."""
    campus = Campus()
    apply_last_day(campus.life, "advisor", np.array([0]), np.array([TODAY - 10]))
    campus.mask(1, 2)
    campus.kill(ADVISOR, 4, 5, 6)
    assert campus.value("advisor_contact_gap") == 5.0
