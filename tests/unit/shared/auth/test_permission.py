"""The permission table: cell by cell, and its laws."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.auth.actor import Actor, Role
from shared.auth.permission import (
    ACTIONS,
    NOWHERE,
    ROLES,
    TABLE,
    Action,
    Reach,
    Reason,
    Scope,
    allowed,
    require,
    table,
    visible,
)
from shared.auth.testing import an_actor
from shared.kernel.errors import ForbiddenError

HERE = Scope(school="s1", college="c1", team="t1", student="p1:aa")
OTHER_TEAM = Scope(school="s1", college="c1", team="t2", student="p1:bb")
OTHER_COLLEGE = Scope(school="s1", college="c2", team="t3", student="p1:cc")
OTHER_SCHOOL = Scope(school="s2", college="c9", team="t9", student="p1:dd")
PLACES = (HERE, OTHER_TEAM, OTHER_COLLEGE, OTHER_SCHOOL, NOWHERE)
REACHED = {
    None: (),
    Reach.OWN: (HERE,),
    Reach.TEAM: (HERE,),
    Reach.COLLEGE: (HERE, OTHER_TEAM),
    Reach.SCHOOL: (HERE, OTHER_TEAM, OTHER_COLLEGE, NOWHERE),
    Reach.ANY: PLACES,
}
TIERS: tuple[Role, ...] = ("peer_helper", "advisor", "college_counsellor", "school_officer")
NAMES = st.sampled_from([None, "a", "b"])
SCOPES = st.builds(Scope, school=NAMES, college=NAMES, team=NAMES, student=NAMES)
PLACED = {
    "school": NAMES,
    "colleges": st.frozensets(st.sampled_from(["a", "b"])),
    "teams": st.frozensets(st.sampled_from(["a", "b"])),
    "student": NAMES,
}
ACTORS = st.builds(Actor, id=st.just("x"), roles=st.frozensets(st.sampled_from(ROLES)), **PLACED)


def placed(*roles: Role) -> Actor:
    return Actor(
        id="x",
        roles=frozenset(roles),
        school="s1",
        colleges=frozenset({"c1"}),
        teams=frozenset({"t1"}),
        student="p1:aa",
    )


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_every_cell_reaches_as_far_as_it_says(role: Role, action: Action) -> None:
    """Each role does each action at exactly the places that its reach covers."""
    reach = TABLE[role].get(action)
    answers = tuple(place for place in PLACES if allowed(placed(role), action, place))
    assert answers == REACHED[reach]


@pytest.mark.parametrize(
    ("role", "action"),
    [
        ("advisor", "assessment.read"),
        ("advisor", "features.read"),
        ("peer_helper", "identity.reveal"),
        ("peer_helper", "assessment.read"),
        ("it", "assessment.read"),
        ("it", "identity.reveal"),
        ("it", "person.read"),
        ("it", "alert.read"),
        ("service", "identity.reveal"),
        ("service", "audit.read"),
        ("student", "alert.read"),
        ("college_counsellor", "audit.read"),
    ],
)
def test_what_a_role_must_never_do(role: Role, action: Action) -> None:
    """The refusals that privacy rests on hold everywhere."""
    assert not any(allowed(placed(role), action, place) for place in PLACES)


def test_every_role_and_action_is_in_the_table() -> None:
    """No role is forgotten, and no action is one that nobody may do."""
    assert set(TABLE) == set(ROLES)
    assert {action for row in TABLE.values() for action in row} == set(ACTIONS)


@given(actor=ACTORS, action=st.sampled_from(ACTIONS), scope=SCOPES)
def test_a_narrower_tier_never_gets_more(actor: Actor, action: Action, scope: Scope) -> None:
    """What a tier may do at a place, the next wider tier at the same place may do too."""
    answers = []
    for role in TIERS:
        member = Actor(
            id="x",
            roles=frozenset({role}),
            school=scope.school or actor.school,
            colleges=actor.colleges | ({scope.college} if scope.college else set()),
            teams=actor.teams,
        )
        inside = Scope(school=member.school, college=scope.college or "a", team=scope.team)
        member_there = Actor(**(vars(member) | {"colleges": member.colleges | {inside.college}}))
        answers.append(bool(allowed(member_there, action, inside)))
    assert answers == sorted(answers)


@given(actor=ACTORS, action=st.sampled_from(ACTIONS), scope=SCOPES)
def test_losing_a_role_or_place_never_gains(actor: Actor, action: Action, scope: Scope) -> None:
    """An actor with fewer roles, colleges or teams is never allowed more."""
    for role in actor.roles:
        less = Actor(**(vars(actor) | {"roles": actor.roles - {role}, "teams": frozenset()}))
        assert allowed(actor, action, scope) or not allowed(less, action, scope)


@given(scope=SCOPES, action=st.sampled_from(ACTIONS), role=st.text(max_size=12))
def test_an_unknown_role_gets_nothing(scope: Scope, action: Action, role: str) -> None:
    """A role that is not in the table is refused, whatever the action."""
    if role in ROLES:
        return
    actor = Actor(id="x", roles=frozenset({cast("Role", role)}), school="a")
    assert allowed(actor, action, scope).reason is Reason.NO_ROLE


@given(actor=ACTORS, action=st.sampled_from(ACTIONS), scope=SCOPES)
def test_visible_rows_are_what_allowed_says(actor: Actor, action: Action, scope: Scope) -> None:
    """A row of a list is visible exactly when its object may be read."""
    full = Scope(
        school=scope.school or "a",
        college=scope.college or "a",
        team=scope.team or "a",
        student=scope.student or "a",
    )
    try:
        rows = visible(actor, action)
    except ForbiddenError:
        assert not allowed(actor, action, full)
        return
    is_visible = (
        rows.everything
        or full.school in rows.schools
        or full.college in rows.colleges
        or full.team in rows.teams
        or full.student in rows.students
    )
    assert is_visible == bool(allowed(actor, action, full))


def test_require_carries_the_reason() -> None:
    """A refusal says which of the reasons it was, and the grant names the role."""
    counsellor = an_actor("college_counsellor", colleges=["c1"])
    assert require(counsellor, "alert.read", HERE).role == "college_counsellor"
    with pytest.raises(ForbiddenError) as outside:
        require(counsellor, "alert.read", OTHER_COLLEGE)
    with pytest.raises(ForbiddenError) as never:
        require(counsellor, "feed.manage")
    assert (outside.value.code, never.value.code) == ("outside_reach", "action_not_granted")


def test_the_page_is_current() -> None:
    """`docs/permissions.md` is the table as the code has it."""
    page = Path(__file__).parents[4] / "docs" / "permissions.md"
    assert page.read_text() == table()
