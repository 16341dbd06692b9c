"""A trace goes along with a decision and never takes part in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.helpers.alerts import a_policy, after, assessed, assessment_json, screening_json, urgent

from alerts.domain.alert import StudentState
from alerts.domain.decide import decide
from alerts.domain.evidence import Evidence, evidence_of
from alerts.domain.rules import signal_of
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder
from shared.contracts.event import ScreeningSubmitted

PARENT = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"
HOSTILE = [
    PARENT.upper(),
    PARENT + "-x",
    "00-" + "0" * 32 + "-" + "b2" * 8 + "-01",
    "\x00",
    "x" * 999,
]


@given(probabilities=st.lists(st.floats(0, 1), max_size=4), is_urgent=st.booleans())
def test_decisions_are_the_same_under_any_trace(
    probabilities: list[float], *, is_urgent: bool
) -> None:
    """State and reason are equal; only what is written and told names the trace."""
    state = StudentState("s1")
    evidence: list[Evidence] = [assessed(p, n) for n, p in enumerate(probabilities)]
    for each in [*evidence, *([urgent(9)] if is_urgent else [])]:
        plain = decide(state, each, a_policy())
        traced = decide(state, replace(each, traceparent=PARENT), a_policy())
        assert (traced.state, traced.reason, traced.alert) == (
            plain.state, plain.reason, plain.alert,
        )  # fmt: skip
        assert {entry.traceparent for entry in traced.entries} <= {PARENT}
        assert {notice.traceparent for notice in traced.notices} <= {PARENT}
        untraced = [replace(entry, traceparent=None) for entry in traced.entries]
        assert untraced == list(plain.entries)
        state = plain.state


def test_an_urgent_signal_tells_its_trace_to_whom_it_is_told() -> None:
    """The entry and every tier's notice go back to the report."""
    _, decision = after(replace(urgent(), traceparent=PARENT))
    assert {entry.traceparent for entry in decision.entries} == {PARENT}
    assert {notice.traceparent for notice in decision.notices} == {PARENT}


@pytest.mark.parametrize("given_", [PARENT, *HOSTILE, None])
def test_only_a_valid_traceparent_is_taken_from_the_log(given_: str | None) -> None:
    """A foreign record cannot bring anything else into tables, headers and log lines."""
    wanted = PARENT if given_ == PARENT else None
    assessment = decoder(Assessment).decode(assessment_json("s1", 1, 0.7))
    screening = decoder(ScreeningSubmitted).decode(screening_json("s1", 1, [0] * 8 + [2]))
    assessment = replace(assessment, traceparent=given_)
    signal = signal_of(replace(screening, traceparent=given_))
    assert evidence_of(assessment, frozenset()).traceparent == wanted
    assert signal is not None
    assert signal.traceparent == wanted
