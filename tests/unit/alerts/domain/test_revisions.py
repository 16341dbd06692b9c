"""A new model speaks of evidence that the old one has judged already; a suspended one abstains."""

from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.alerts import a_policy, assessed, day

from alerts.domain.alert import StudentState
from alerts.domain.decide import decide
from alerts.domain.evidence import evidence_of
from alerts.domain.reasons import Reason
from shared.contracts.assessment import Assessment, Contribution

POLICY = a_policy()
LOUD = POLICY.bands["orange"].rise_at + 0.01


def test_a_new_model_is_heard_on_the_same_vector_once() -> None:
    """The same position under a higher revision is judged; its repeat and the old one's are not."""
    state = decide(StudentState("s1"), assessed(0.0, 1), POLICY).state
    first = decide(state, assessed(LOUD, 1, at=day(1), revision=2), POLICY)
    assert first.state.level == "orange"
    for stale in (assessed(LOUD, 1, revision=2), assessed(0.0, 1, revision=1), assessed(0.0, 1)):
        assert decide(first.state, stale, POLICY).reason is Reason.STALE_POSITION


def test_an_older_vector_of_a_new_model_is_not_heard() -> None:
    """The topic may still hold vectors that compaction has not taken: position goes first."""
    state = decide(StudentState("s1"), assessed(0.0, 5), POLICY).state
    assert decide(state, assessed(LOUD, 4, revision=9), POLICY).reason is Reason.STALE_POSITION
    newer = decide(state, assessed(LOUD, 6, revision=0), POLICY)
    assert newer.state.level == "orange"


@given(st.integers(1, 5), st.floats(0, 1))
def test_the_same_words_under_a_new_revision_move_no_level(times: int, probability: float) -> None:
    """However often a model is exchanged for one that says the same, nothing opens or closes."""
    first = decide(StudentState("s1"), assessed(probability, 1), POLICY)
    state = first.state
    for revision in range(1, times + 1):
        again = decide(state, assessed(probability, 1, at=day(1), revision=revision), POLICY)
        assert again.notices == ()
        state = again.state
    assert state.level == first.state.level
    assert (state.alert is None) == (first.state.alert is None)


def test_while_the_model_is_suspended_the_rule_on_silence_goes_on() -> None:
    """Silent days open an alert without a probability; an ordinary abstention does not."""
    silent = max(POLICY.silence.levels.values()) + 1
    off = decide(
        StudentState("s1"), assessed(None, 1, silent_days=silent, is_rules_only=True), POLICY
    )
    assert (off.reason, off.state.level) == (Reason.SILENT_DAYS, "orange")
    plain = decide(StudentState("s1"), assessed(None, 1, silent_days=silent), POLICY)
    assert plain.state.alert is None
    dead = assessed(None, 1, silent_days=silent, is_rules_only=True, dead_feeds=("card",))
    assert decide(StudentState("s1"), dead, POLICY).state.alert is None


def test_a_suspended_model_closes_nothing() -> None:
    """An open alert keeps its level through any number of abstentions."""
    state = decide(StudentState("s1"), assessed(LOUD, 1), POLICY).state
    for position in range(2, 40):
        quiet = assessed(None, position, silent_days=0.0, is_rules_only=True)
        state = decide(state, quiet, POLICY).state
    assert state.level == "orange"


def test_an_assessment_carries_both() -> None:
    """Revision and suspension are read from the wire."""
    one = Assessment(
        id="a", student="s1", vector="v", position=3, as_of="2026-09-07T01:00:00Z", model="m",
        input_digest="d", status="abstained", probability=None, level="none", coverage=0.9,
        contributions=[Contribution("silent_days", 0.0, 4.0, 0.0)], revision=2,
        abstained_for="calibration",
    )  # fmt: skip
    found = evidence_of(one, frozenset({"silent_days"}))
    assert (found.revision, found.is_rules_only, found.silent_days) == (2, True, 4.0)
    assert found.probability is None
