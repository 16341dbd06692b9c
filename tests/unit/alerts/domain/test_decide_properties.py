"""Properties of the decision, over any course of evidence."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.alerts import START, a_policy

from alerts.domain.alert import StudentState, rank
from alerts.domain.decide import decide
from alerts.domain.digest import Line, Standing, digest_of
from alerts.domain.evidence import AssessmentEvidence, Evidence, UrgentSignal
from alerts.domain.reasons import Reason
from alerts.service import decide_all

STUDENTS = ("s1", "s2")
_RULE_REASONS = [Reason.PHQ9_ITEM9, Reason.REPORT_URGENT, Reason.GAD7_TOTAL, Reason.REPORT_ROUTINE]


@st.composite
def assessments(draw: st.DrawFn) -> list[AssessmentEvidence]:
    """Each student's assessments, positions and times rising."""
    found = []
    for student in STUDENTS:
        at, position = START, 0
        for _ in range(draw(st.integers(0, 12))):
            at += timedelta(hours=draw(st.integers(1, 24 * 9)))
            position += draw(st.integers(1, 5))
            found.append(
                AssessmentEvidence(
                    id=f"a_{student}_{position}",
                    student=student,
                    position=position,
                    as_of=at,
                    probability=draw(st.none() | st.floats(0, 1)),
                    coverage=draw(st.floats(0, 1)),
                    silence_share=draw(st.floats(0, 6)),
                    silent_days=draw(st.none() | st.integers(0, 5).map(float)),
                    dead_feeds=draw(st.sampled_from([(), ("gate",)])),
                )
            )
    return found


@st.composite
def signals(draw: st.DrawFn) -> list[UrgentSignal]:
    return [
        UrgentSignal(
            id=f"signal_{number}",
            student=draw(st.sampled_from(STUDENTS)),
            as_of=START + timedelta(hours=draw(st.integers(0, 2000))),
            level=draw(st.sampled_from(["blue", "yellow", "orange", "red"])),
            reason=draw(st.sampled_from(_RULE_REASONS)),
            red_clock=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@st.composite
def courses(draw: st.DrawFn) -> list[Evidence]:
    """Assessments and signals in one of the orders in which two topics may interleave."""
    return _interleave(draw, draw(assessments()), draw(signals()))


def _interleave(
    draw: st.DrawFn, first: list[AssessmentEvidence], second: list[UrgentSignal]
) -> list[Evidence]:
    left, right = list(first), list(second)
    merged: list[Evidence] = []
    while left or right:
        source = right if not left or (right and draw(st.booleans())) else left
        merged.append(source.pop(0))
    return merged


def _digest(evidence: list[Evidence]) -> str:
    changes, tally = decide_all({}, evidence, a_policy())
    standing = [Standing(s, a.level, a.status) for s, a in changes.alerts if a.status != "resolved"]
    lines = [
        Line(e.student, e.track, e.effect, e.track_level, e.reason, e.at.isoformat(), e.evidence)
        for e in tally.entries
    ]
    return digest_of(standing, lines)[0]


@given(courses())
def test_red_is_never_set_by_a_model_or_a_rule(course: list[Evidence]) -> None:
    """Whatever the evidence, no state, entry or notice stands at red."""
    changes, tally = decide_all({}, course, a_policy())
    assert all(rank(state.level) < rank("red") for state in changes.states)
    assert all(entry.level != "red" and entry.track_level != "red" for entry in tally.entries)
    assert all(notice.level != "red" for notice in changes.notices)


@given(courses(), st.data())
def test_replaying_any_part_again_changes_nothing(
    course: list[Evidence], data: st.DataObject
) -> None:
    """Evidence that was handled once, given again from any place, adds no entry and no notice."""
    changes, _ = decide_all({}, course, a_policy())
    states = {state.student: state for state in changes.states}
    start = data.draw(st.integers(0, len(course)))
    again, tally = decide_all(states, course[start:], a_policy())
    assert again.states == []
    assert again.notices == []
    assert tally.entries == []


@given(courses(), st.data())
def test_batches_do_not_matter(course: list[Evidence], data: st.DataObject) -> None:
    """Any split into batches, with the states written and read between, decides the same."""
    cut = data.draw(st.integers(0, len(course)))
    whole, whole_tally = decide_all({}, course, a_policy())
    first, first_tally = decide_all({}, course[:cut], a_policy())
    states = {state.student: state for state in first.states}
    second, second_tally = decide_all(states, course[cut:], a_policy())
    states |= {state.student: state for state in second.states}
    assert states == {state.student: state for state in whole.states}
    assert [*first_tally.entries, *second_tally.entries] == whole_tally.entries


@given(assessments(), signals(), st.data())
def test_the_order_between_the_two_topics_does_not_matter(
    first: list[AssessmentEvidence], second: list[UrgentSignal], data: st.DataObject
) -> None:
    """Whichever of an urgent signal and an assessment comes first, levels and digest are equal."""
    one: list[Evidence] = [*first, *second]
    other = data.draw(st.composite(lambda draw: _interleave(draw, first, second))())
    changes_one, _ = decide_all({}, one, a_policy())
    changes_other, _ = decide_all({}, other, a_policy())
    assert {s.student: (s.level, s.model, s.rule.level) for s in changes_one.states} == {
        s.student: (s.level, s.model, s.rule.level) for s in changes_other.states
    }
    assert _digest(one) == _digest(other)


@given(courses())
def test_one_open_alert_with_a_gapless_history(course: list[Evidence]) -> None:
    """Each alert's history counts from 1 without a gap; a student has one open alert at most."""
    states: dict[str, StudentState] = {}
    histories: dict[str, list[int]] = {}
    opened: dict[str, str] = {}
    for evidence in course:
        decision = decide(
            states.get(evidence.student, StudentState(evidence.student)), evidence, a_policy()
        )
        states[evidence.student] = decision.state
        for entry in decision.entries:
            if entry.kind == "opened":
                assert evidence.student not in opened
                opened[evidence.student] = entry.alert
            if decision.alert is not None:
                histories.setdefault(entry.alert, []).append(entry.sequence)
            if entry.kind == "resolved":
                assert opened.pop(evidence.student) == entry.alert
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in histories.values())


@given(courses())
def test_every_decision_has_a_reason_and_levels_follow_the_tracks(course: list[Evidence]) -> None:
    """The alert always stands at the highest of its tracks, if any stands."""
    state = StudentState("s1")
    for evidence in course:
        if evidence.student != "s1":
            continue
        decision = decide(state, evidence, a_policy())
        state = decision.state
        assert isinstance(decision.reason, Reason)
        assert (state.alert is None) == (state.level == "none")
        assert state.alert is None or state.alert.level == state.level
