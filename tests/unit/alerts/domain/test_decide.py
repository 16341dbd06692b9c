"""What the decision does with assessments."""

from datetime import timedelta

import pytest
from tests.helpers.alerts import a_policy, after, assessed, day, urgent

from alerts.domain.alert import Entry
from alerts.domain.decide import decide
from alerts.domain.reasons import Reason


def test_orange_opens_at_once() -> None:
    """A probability in the orange band opens an orange alert with reason and tells its tiers."""
    state, decision = after(assessed(0.6, 1))
    assert state.alert is not None
    assert state.alert.level == "orange"
    assert decision.reason is Reason.THRESHOLD_CROSSED
    assert [entry.kind for entry in decision.entries] == ["opened"]
    assert {notice.tier for notice in decision.notices} == {"college", "school"}


def test_yellow_must_be_held_for_three_days() -> None:
    """A yellow probability stands at blue until it has been held for as long as the policy asks."""
    state, _ = after(assessed(0.3, 1), assessed(0.3, 3))
    assert state.level == "blue"
    state, decision = after(assessed(0.3, 4), start=state)
    assert state.level == "yellow"
    assert decision.entries[0].kind == "raised"


def test_a_dip_below_the_lower_threshold_starts_the_days_again() -> None:
    """The days of a sustained level count from when it was last taken up."""
    state, _ = after(assessed(0.3, 1), assessed(0.1, 2), assessed(0.3, 3), assessed(0.3, 5))
    assert state.level == "blue"


def test_between_the_thresholds_nothing_falls() -> None:
    """Hysteresis: below `rise_at` and above `fall_below` an alert neither rises nor falls."""
    state, _ = after(assessed(0.55, 1), *(assessed(0.45, n) for n in range(2, 60)))
    assert state.level == "orange"


def test_it_falls_only_after_two_clean_reviews() -> None:
    """One clean review leaves the level, the second lowers it; hourly ones are not reviews."""
    state, _ = after(
        assessed(0.6, 1), *(assessed(0.1, n, at=day(1 + n / 24)) for n in range(2, 40))
    )
    assert state.level == "orange"
    state, first = after(assessed(0.1, 50, at=day(5)), start=state)
    assert (state.level, first.reason) == ("orange", Reason.CLEAN_REVIEW)
    state, second = after(assessed(0.1, 51, at=day(8.1)), start=state)
    assert (state.level, second.reason) == ("blue", Reason.TWO_CLEAN_REVIEWS)
    assert second.entries[0].kind == "lowered"
    assert second.notices == ()


def test_a_bad_review_between_starts_the_count_again() -> None:
    """Clean reviews count only in a row."""
    state, _ = after(assessed(0.6, 1), assessed(0.1, 5), assessed(0.6, 6), assessed(0.1, 10))
    assert state.level == "orange"


def test_blue_ends_after_four_weeks_at_baseline() -> None:
    """A blue alert ends by itself when the student has been back at baseline for 28 days."""
    state, _ = after(assessed(0.12, 1), assessed(0.01, 2), assessed(0.01, 29))
    assert state.level == "blue"
    state, decision = after(assessed(0.01, 31), start=state)
    assert state.alert is None
    assert decision.reason is Reason.EXPIRED_AT_BASELINE
    assert decision.entries[0].kind == "resolved"
    assert decision.alert is not None
    assert decision.alert.status == "resolved"


def test_an_abstained_assessment_neither_opens_nor_closes() -> None:
    """Low coverage changes no level, before an alert and during one, and is noted once."""
    state, decision = after(assessed(None, 1))
    assert state.alert is None
    assert decision.entries == ()
    state, first = after(assessed(0.6, 2), assessed(None, 3), start=state)
    state, second = after(assessed(None, 4), start=state)
    assert state.level == "orange"
    assert (first.reason, len(first.entries), len(second.entries)) == (Reason.ABSTAINED, 1, 0)
    assert state.model.has_abstained


def test_an_older_position_is_ignored() -> None:
    """An assessment at or below the last position seen changes nothing."""
    state, _ = after(assessed(0.6, 7))
    for position in (7, 6):
        again, decision = after(assessed(0.01, position), start=state)
        assert again is state
        assert decision.reason is Reason.STALE_POSITION


def test_absence_is_withheld_while_a_feed_is_dead() -> None:
    """What only absence explains neither opens nor raises while a feed is dead; it is said once."""
    state, decision = after(assessed(0.6, 1, dead_feeds=("gate",), silence_share=3.0))
    assert state.alert is None
    assert decision.reason is Reason.WITHHELD_DEAD_FEED
    assert [entry.kind for entry in decision.entries] == ["withheld"]
    state, again = after(assessed(0.6, 2, dead_feeds=("gate",), silence_share=3.0), start=state)
    assert again.entries == ()
    state, judged = after(assessed(0.6, 3, silence_share=3.0), start=state)
    assert state.level == "orange"
    assert judged.reason is Reason.THRESHOLD_CROSSED


def test_other_evidence_passes_while_a_feed_is_dead() -> None:
    """A dead feed holds back the share of absence only."""
    state, _ = after(assessed(0.8, 1, dead_feeds=("gate",), silence_share=0.5))
    assert state.level == "orange"


@pytest.mark.parametrize(("days", "level"), [(0.0, "none"), (1.0, "yellow"), (3.0, "orange")])
def test_silent_days_speak_for_themselves(days: float, level: str) -> None:
    """Silent days raise by the policy's plain rule, never to red, and not while a feed is dead."""
    state, _ = after(assessed(0.01, 1, silent_days=days))
    assert state.level == level
    state, _ = after(assessed(0.01, 1, silent_days=days, dead_feeds=("gate",)))
    assert state.level == "none"


def test_any_number_of_signals_joins_one_alert() -> None:
    """While an alert is open every further signal joins its history under the same id."""
    state, first = after(assessed(0.12, 1))
    opened = first.entries[0].alert
    seen: list[Entry] = []
    for evidence in (
        urgent(2),
        assessed(0.6, 3),
        urgent(4, reason=Reason.REPORT_SOON, level="yellow"),
    ):
        state, decision = after(evidence, start=state)
        seen += decision.entries
    assert {entry.alert for entry in seen} == {opened}
    assert [entry.sequence for entry in seen] == [2, 3, 4]
    assert [entry.kind for entry in seen] == ["raised", "signal", "signal"]


def test_the_model_cannot_lower_what_a_rule_or_person_holds() -> None:
    """A report by a person is never outvoted by the model."""
    calm = [assessed(0.01, n) for n in range(2, 90)]
    state, _ = after(urgent(1, level="yellow", reason=Reason.REPORT_SOON), *calm)
    assert state.level == "yellow"


def test_only_new_kinds_of_evidence_tell_people_again() -> None:
    """The same kind of signal again does not notify; a new kind does."""
    state, first = after(urgent(1))
    assert first.notices
    state, repeat = after(urgent(2), start=state)
    assert repeat.notices == ()
    state, new = after(urgent(3, reason=Reason.REPORT_URGENT), start=state)
    assert new.notices


def test_the_red_clock_runs_from_the_earliest_signal() -> None:
    """An urgent signal starts fifteen minutes in event time; a later one does not prolong them."""
    state, _ = after(urgent(1, red_clock=True), urgent(2, red_clock=True))
    assert state.rule.red_clock_until == day(1) + timedelta(minutes=15)
    assert state.level == "orange"


def test_the_reason_of_a_waiting_level_is_told() -> None:
    """A decision that does nothing says why."""
    _, decision = after(assessed(0.01, 1))
    assert decision.reason is Reason.NO_CONCERN
    state, _ = after(assessed(0.6, 1))
    _, decision = after(assessed(0.6, 2, at=day(1.1)), start=state)
    assert (decision.reason, decision.entries) == (Reason.STILL_ELEVATED, ())
    assert decide(state, assessed(0.6, 3, at=day(2.2)), a_policy()).entries[0].kind == "signal"
