"""Decisions about opening an identity, as laws."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from directory.domain.reveal import (
    ONE_PERSON_LEVELS,
    PENDING_FOR,
    Level,
    Reveal,
    RevealReason,
    RevealRequest,
    Status,
    decide_approval,
    decide_opening,
    decide_request,
)
from shared.auth.actor import Actor
from shared.auth.permission import ROLES, Scope
from shared.auth.testing import an_actor

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HERE = Scope("u1", "c1", "t1", "p")
FAY = an_actor("college_counsellor", id="fay", colleges=["c1"])
HAL = an_actor("school_officer", id="hal")
LEVELS = st.sampled_from([None, *get_args(Level)])
REQUESTS = st.builds(
    RevealRequest,
    student=st.just("p"),
    duty=st.just("talk"),
    reason=st.just("because"),
    level=LEVELS,
    break_glass=st.booleans(),
)
ACTORS = st.builds(
    Actor,
    id=st.sampled_from(["fay", "hal", "x"]),
    roles=st.frozensets(st.sampled_from(ROLES)),
    colleges=st.sampled_from([frozenset(), frozenset({"c1"}), frozenset({"c2"})]),
    teams=st.just(frozenset({"t1"})),
    student=st.just("p"),
)
REVEALS = st.builds(
    Reveal,
    id=st.just("r"),
    request=REQUESTS,
    requested_by=st.just("fay"),
    status=st.sampled_from(get_args(Status)),
    expires_at=st.sampled_from([NOW, NOW + PENDING_FOR, NOW - timedelta(seconds=1)]),
)


def has_duty(actor: Actor) -> bool:
    by_college = "college_counsellor" in actor.roles and "c1" in actor.colleges
    return by_college or "school_officer" in actor.roles


@given(ACTORS, REQUESTS, st.booleans(), st.booleans())
def test_nothing_opens_without_a_duty(
    actor: Actor, request: RevealRequest, is_known: bool, has_left: bool
) -> None:
    """Whatever is asked: only the college's counsellor or the school, of a known student."""
    scope = HERE if is_known else None
    decision = decide_request(actor, request, scope, has_left=has_left)
    may = has_duty(actor) and is_known and not has_left
    assert (decision.outcome != "refuse") == may
    if decision.outcome == "open":
        assert request.break_glass or request.level in ONE_PERSON_LEVELS


@given(ACTORS, REVEALS, st.booleans())
def test_an_approval_is_another_persons(actor: Actor, reveal: Reveal, has_left: bool) -> None:
    """Approval takes another permitted person, a pending request, and its time."""
    decision = decide_approval(actor, reveal, HERE, NOW, has_left=has_left)
    may = (
        has_duty(actor)
        and not has_left
        and actor.id != "fay"
        and reveal.status == "pending"
        and reveal.expires_at > NOW
    )
    assert (decision.outcome == "open") == may


@given(ACTORS, REVEALS, st.booleans())
def test_only_the_requester_opens_what_was_approved(
    actor: Actor, reveal: Reveal, has_left: bool
) -> None:
    """Opening takes the requester, still with the duty, an approval, and its time."""
    decision = decide_opening(actor, reveal, HERE, NOW, has_left=has_left)
    may = (
        actor.id == "fay"
        and has_duty(actor)
        and not has_left
        and reveal.status == "approved"
        and reveal.expires_at > NOW
    )
    assert (decision.outcome == "open") == may


def test_a_decision_names_its_reason() -> None:
    """The reasons that people are told are the stable ones."""
    red = RevealRequest("p", "talk", "because", level="red")
    assert decide_request(FAY, red, HERE, has_left=False).reason is (
        RevealReason.SECOND_PERSON_NEEDED
    )
    assert decide_request(HAL, red, None, has_left=False).reason is RevealReason.UNKNOWN_STUDENT
    other = Scope("u1", "c2", "t9", "p")
    assert decide_request(FAY, red, other, has_left=False).reason is RevealReason.NOT_IN_CASELOAD
