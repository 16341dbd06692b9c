"""A college in a silent trial: the model is recorded and told to nobody, rules and people are."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.alerts import POLICY_FILE, a_policy, assessed, day, urgent

from alerts.domain.alert import StudentState
from alerts.domain.decide import decide
from alerts.domain.evidence import Evidence
from alerts.domain.persons import Action, set_level
from alerts.domain.reasons import Reason
from alerts.readers.policy_file import parse_policy
from alerts.service import decide_all

LIVE = replace(a_policy(), silent=frozenset({"c9"}))
SILENT = LIVE.of_college("c9")
LOUD = LIVE.bands["orange"].rise_at + 0.01
EVIDENCE = st.lists(
    st.one_of(st.floats(0, 1).map(lambda p: ("model", p)), st.sampled_from([("rule", 0.0)])),
    max_size=12,
)


def test_the_model_opens_and_nobody_is_told() -> None:
    """The alert stands at its level, marked silent, with no notice and no tier told."""
    decision = decide(StudentState("s1"), assessed(LOUD, 1), SILENT)
    assert decision.notices == ()
    assert decision.alert is not None
    assert (decision.alert.level, decision.alert.is_silent, decision.alert.told) == (
        "orange",
        True,
        (),
    )
    assert [entry.kind for entry in decision.entries] == ["opened"]


def test_other_colleges_are_told_as_ever() -> None:
    """The same policy for another college, and for a student whom nobody placed."""
    for college in ("c1", None):
        decision = decide(StudentState("s1"), assessed(LOUD, 1), LIVE.of_college(college))
        assert decision.notices
        assert decision.alert is not None
        assert not decision.alert.is_silent


def test_an_urgent_rule_is_sent_and_ends_the_silence() -> None:
    """Told at the rule's own level: the model's does not show in who hears."""
    silent = decide(StudentState("s1"), assessed(LOUD, 1), SILENT).state
    signal = urgent(1, level="yellow", reason=Reason.GAD7_TOTAL)
    decision = decide(silent, signal, SILENT)
    assert {notice.level for notice in decision.notices} == {"yellow"}
    assert {notice.tier for notice in decision.notices} == set(LIVE.levels["yellow"].tiers)
    assert decision.alert is not None
    assert not decision.alert.is_silent


def test_a_person_is_heard() -> None:
    """Somebody who sets red in a silent college alarms the school."""
    silent = decide(StudentState("s1"), assessed(LOUD, 1), SILENT).state
    action = Action("action_1", day(2), "person_1", "college")
    decision = set_level("red", Reason.SPOKE_WITH_STUDENT)(silent, action, LIVE)
    assert {notice.level for notice in decision.notices} == {"red"}


@pytest.mark.parametrize("hours", [1, 24])
def test_the_trial_ends(hours: int) -> None:
    """Who was flagged in it and still is gets told once, at the next assessment, however soon."""
    state = decide(StudentState("s1"), assessed(LOUD, 1), SILENT).state
    state = decide(state, assessed(LOUD, 2), SILENT).state
    at = day(2) + timedelta(hours=hours)
    ended = decide(state, assessed(LOUD, 3, at=at), LIVE)
    assert {notice.tier for notice in ended.notices} == set(LIVE.levels["orange"].tiers)
    assert ended.alert is not None
    assert (ended.alert.is_silent, ended.alert.status) == (False, "open")
    assert [entry.kind for entry in ended.entries] == ["signal"]
    assert decide(ended.state, assessed(LOUD, 9), LIVE).notices == ()


def test_the_trial_ends_while_the_model_is_suspended() -> None:
    """The plain rule on silent days still carries the level: it is told."""
    silent_days = LIVE.silence.levels["yellow"] + 1
    state = StudentState("s1")
    word = assessed(None, 1, silent_days=silent_days, is_rules_only=True)
    state = decide(state, word, SILENT).state
    assert state.alert is not None
    assert state.alert.is_silent
    word = assessed(None, 2, silent_days=silent_days, is_rules_only=True)
    assert decide(state, word, LIVE).notices


@pytest.mark.parametrize(
    "later",
    [
        assessed(0.0, 2),
        assessed(None, 2),
        assessed(LOUD, 2, silence_share=9.0, dead_feeds=("wifi",)),
    ],
    ids=["clean", "abstained", "dead feed"],
)
def test_the_end_of_a_trial_tells_nobody_of_what_no_longer_stands(later: Evidence) -> None:
    """Clean, abstained, or resting on a dead feed only: the alert stays silent."""
    state = decide(StudentState("s1"), assessed(LOUD, 1), SILENT).state
    decision = decide(state, later, LIVE)
    assert decision.notices == ()
    assert decision.state.alert is not None
    assert decision.state.alert.is_silent


@given(EVIDENCE)
def test_a_trial_changes_who_is_told_and_nothing_else(course: list[tuple[str, float]]) -> None:
    """Same states, levels and histories with and without the trial, whatever comes."""
    evidence: list[Evidence] = [
        assessed(p, number) if kind == "model" else urgent(number, level="orange")
        for number, (kind, p) in enumerate(course, start=1)
    ]
    loud, _ = decide_all({}, evidence, LIVE, {"s1": "c1"})
    quiet, _ = decide_all({}, evidence, LIVE, {"s1": "c9"})
    assert quiet.entries == loud.entries
    assert [s.level for s in quiet.states] == [s.level for s in loud.states]
    has_rule = any(kind == "rule" for kind, _ in course)
    assert has_rule or quiet.notices == []
    assert len(quiet.notices) <= len(loud.notices)


def test_the_policy_file_names_the_silent_colleges() -> None:
    """The key is a list of ids; anything else is a fault with its line; without it none is."""
    raw = POLICY_FILE.read_bytes()
    assert a_policy().silent == frozenset()
    policy, faults = parse_policy(raw + b"\nsilent: [c9, c10]\n", "p.yaml")
    assert faults == []
    assert policy is not None
    assert policy.silent == {"c9", "c10"}
    _, faults = parse_policy(raw + b"\nsilent: c9\n", "p.yaml")
    assert len(faults) == 1
    assert "silent: expected a list of words" in faults[0]
