"""What people do with an alert."""

import pytest
from tests.helpers.alerts import a_policy, after, assessed, day, urgent

from alerts.domain.alert import StudentState
from alerts.domain.persons import Act, Action, acknowledge, resolve, retry_message, set_level
from alerts.domain.reasons import Reason
from alerts.domain.settle import Decision
from shared.contracts.alert import Tier
from shared.kernel.errors import ConflictError, RuleBrokenError


def acted(state: StudentState, act: Act, *, tier: Tier = "college", at: float = 2) -> Decision:
    return act(state, Action(f"action_{at}", day(at), "person_1", tier), a_policy())


def test_a_person_sets_red_with_a_reason_and_the_school_is_told() -> None:
    """Red comes from a person, tells the tiers of red, and stops the red clock."""
    state, _ = after(urgent(1, red_clock=True))
    decision = acted(state, set_level("red", Reason.PLAN_OR_MEANS))
    assert decision.state.level == "red"
    assert decision.state.rule.red_clock_until is None
    assert decision.entries[0].kind == "raised"
    assert decision.entries[0].reason == "plan_or_means"
    assert {n.tier for n in decision.notices} == {"school", "college"}


def test_a_person_may_lower_and_the_same_evidence_does_not_raise_again() -> None:
    """After a ruling the model needs more than the person has seen to raise the level."""
    state, _ = after(assessed(0.3, 1), assessed(0.3, 5))
    state = acted(state, set_level("blue", Reason.REASSESSED), at=6).state
    assert state.level == "blue"
    state, decision = after(assessed(0.3, 7), start=state)
    assert state.level == "blue"
    assert decision.reason is not Reason.THRESHOLD_CROSSED
    state, _ = after(assessed(0.6, 8), start=state)
    assert state.level == "orange"


@pytest.mark.parametrize("level", ["none", "purple", ""])
def test_unknown_levels_are_refused(level: str) -> None:
    """A level that is not a level, or none, is refused with a stable code."""
    with pytest.raises(RuleBrokenError):
        set_level(level, Reason.REASSESSED)  # type: ignore[arg-type]


def test_a_reason_that_is_not_for_levels_is_refused() -> None:
    """The reasons of a ruling are a closed list of their own."""
    with pytest.raises(RuleBrokenError):
        set_level("red", Reason.THRESHOLD_CROSSED)


def test_acknowledging_is_by_tier_and_a_rise_lifts_it() -> None:
    """A second acknowledgement changes nothing; a higher level asks for a new one."""
    state, _ = after(assessed(0.12, 1))
    first = acted(state, acknowledge)
    assert first.state.alert is not None
    assert first.state.alert.status == "acknowledged"
    assert acted(first.state, acknowledge).entries == ()
    raised, _ = after(assessed(0.6, 3), start=first.state)
    assert raised.alert is not None
    assert (raised.alert.status, raised.alert.acknowledged_by) == ("open", ())


def test_resolving_ends_the_alert_with_a_verdict_and_its_note() -> None:
    """A resolved alert keeps its level and verdict; the next alert has another id."""
    state, opened = after(assessed(0.6, 1))
    decision = acted(state, resolve("no_need", "talk_held"))
    assert decision.state.alert is None
    assert decision.alert is not None
    assert (decision.alert.status, decision.alert.verdict, decision.alert.level) == (
        "resolved", "no_need", "orange",
    )  # fmt: skip
    assert decision.entries[0].reason == "talk_held"
    state, same = after(assessed(0.6, 3), start=decision.state)
    assert (state.alert, same.reason) == (None, Reason.ALREADY_ANSWERED)
    state, again = after(assessed(0.6, 40), start=state)
    assert state.alert is not None
    assert again.entries[0].alert != opened.entries[0].alert


def test_an_answer_fades_when_the_student_recovers() -> None:
    """Once the probability has been clean, a new rise opens a new alert at once."""
    state, _ = after(assessed(0.6, 1))
    state = acted(state, resolve("confirmed_need")).state
    state, _ = after(assessed(0.01, 3), assessed(0.6, 4), start=state)
    assert state.level == "orange"


def test_a_signal_after_the_end_opens_a_new_alert() -> None:
    """A rule never counts as answered: a new urgent signal always opens."""
    state, _ = after(urgent(1))
    state = acted(state, resolve("no_need")).state
    state, decision = after(urgent(2), start=state)
    assert decision.entries[0].kind == "opened"


def test_nothing_can_be_done_without_an_open_alert() -> None:
    """Every act on a student without an open alert is a conflict."""
    for act in (acknowledge, resolve("no_need"), set_level("red", Reason.MISSING)):
        with pytest.raises(ConflictError):
            acted(StudentState("s1"), act)


def test_a_retried_message_is_a_line_and_nothing_else() -> None:
    """Level, status and tiers stay; no tier is told anew; a resolved alert has nothing to send."""
    state, _ = after(urgent(1))
    decision = acted(state, retry_message, tier="school")
    (entry,) = decision.entries
    assert (entry.kind, entry.reason, entry.actor) == ("notified", "message_retried", "person_1")
    assert decision.notices == ()
    assert decision.alert is not None
    assert state.alert is not None
    for name in ("level", "status", "told", "acknowledged_by"):
        assert getattr(decision.alert, name) == getattr(state.alert, name)
    with pytest.raises(ConflictError):
        acted(acted(state, resolve("no_need")).state, retry_message)


def test_taking_up_and_ending_are_no_reasons_for_a_level() -> None:
    """What an alert rests on stays when it is acknowledged or resolved; a ruling joins it."""
    state, _ = after(urgent(1))
    assert state.alert is not None
    for act in (acknowledge, resolve("no_need", "talk_held")):
        decision = acted(state, act)
        assert decision.alert is not None
        assert decision.alert.reasons == state.alert.reasons
    ruled = acted(state, set_level("red", Reason.PLAN_OR_MEANS)).alert
    assert ruled is not None
    assert ruled.reasons == (*state.alert.reasons, "plan_or_means")
