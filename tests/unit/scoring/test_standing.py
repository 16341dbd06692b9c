"""What serves, as a fold over the log of changes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.lanes import Candidate, lanes_of, shadow_lane
from scoring.domain.standing import (
    Action,
    Change,
    Logged,
    Standing,
    broken_at,
    logged,
    standing,
    to_promote,
    to_resume,
    to_roll_back,
)
from shared.kernel.errors import ConflictError

AT = "2026-03-02T04:00:00Z"


def a_log(*asked: tuple[Action, str]) -> list[Logged]:
    """Append changes one after the other, as the repository does."""
    log: list[Logged] = []
    for action, to in asked:
        now = standing("first", log)
        target = to_roll_back(now) if action == "rollback" else to or now.champion
        change = Change(AT, "person_1", action, now.champion, target, "because")
        log.append(logged(change, log[-1] if log else None))
    return log


def test_an_empty_log_leaves_the_bundle_of_the_settings() -> None:
    """Nothing was promoted: revision 0, nothing to return to."""
    now = standing("first", [])
    assert now == Standing("first")
    with pytest.raises(ConflictError, match="no champion before"):
        to_roll_back(now)


def test_promotions_and_roll_backs_are_a_stack() -> None:
    """Two promotions, two roll-backs: the first one serves again, under a revision of its own."""
    log = a_log(("promote", "b"), ("promote", "c"))
    assert standing("first", log) == Standing("c", 2, ("first", "b"))
    log = a_log(("promote", "b"), ("promote", "c"), ("rollback", ""), ("rollback", ""))
    assert standing("first", log) == Standing("first", 4, ())


def test_the_log_outweighs_other_settings() -> None:
    """A roll-back returns to what served when it was promoted away from, not to new settings."""
    log = a_log(("promote", "b"))
    assert standing("another", log).before == ("first",)


def test_only_a_resume_or_another_champion_ends_a_suspension() -> None:
    """A suspended champion stays so; resumed it is not, and cannot be resumed twice."""
    now = standing("first", a_log(("suspend", "")))
    assert now.is_suspended
    assert to_resume(now) == "first"
    now = standing("first", a_log(("suspend", ""), ("resume", "")))
    assert (now.is_suspended, now.revision) == (False, 2)
    with pytest.raises(ConflictError):
        to_resume(now)
    assert not standing("first", a_log(("suspend", ""), ("promote", "b"))).is_suspended


def test_the_champion_is_not_promoted_again() -> None:
    """That is a conflict, not a change."""
    with pytest.raises(ConflictError):
        to_promote(Standing("a"), "a")


@given(st.lists(st.sampled_from(["promote", "rollback", "suspend", "resume"]), max_size=12))
def test_any_history_has_one_champion_and_rising_revisions(actions: list[Action]) -> None:
    """The revision is the number of changes; roll-backs never go further than promotions went."""
    asked: list[tuple[Action, str]] = []
    depth = 0
    for number, action in enumerate(actions):
        if action == "rollback" and depth == 0:
            continue
        depth += {"promote": 1, "rollback": -1}.get(action, 0)
        asked.append((action, f"b{number}" if action == "promote" else ""))
    log = a_log(*asked)
    now = standing("first", log)
    assert now.revision == len(log)
    assert len(now.before) == depth
    assert broken_at(log) is None


@given(st.integers(0, 3), st.sampled_from(["actor", "reason", "bundle_to", "at"]))
def test_an_edit_anywhere_breaks_the_chain(place: int, field: str) -> None:
    """The first altered entry is named; so is the one after a removed entry."""
    log = a_log(("promote", "b"), ("suspend", ""), ("resume", ""), ("rollback", ""))
    altered = Change(**(vars(log[place].change) | {field: "x"}))
    log[place] = replace(log[place], change=altered)
    assert broken_at(log) == place + 1


def test_a_removed_entry_breaks_the_chain() -> None:
    """A gap shows at its place."""
    log = a_log(("promote", "b"), ("promote", "c"), ("rollback", ""))
    assert broken_at([log[0], log[2]]) == 2


def test_each_other_bundle_is_a_shadow_with_its_own_group() -> None:
    """The champion's group changes with the revision, a shadow's with its content."""
    found = [Candidate("a", "1" * 64), Candidate("b", "2" * 64)]
    champion, shadow = lanes_of(Standing("a"), found)
    assert (champion.is_champion, champion.group) == (True, "lantern.scoring.champion.v1")
    assert (shadow.bundle, shadow.is_champion) == ("b", False)
    later = lanes_of(Standing("b", 1, ("a",)), found)
    assert later[0].group == "lantern.scoring.champion-r1.v1"
    assert later[1].bundle == "a"
    assert shadow_lane(Candidate("b", "3" * 64)).group != shadow.group
    assert len(shadow_lane(Candidate("n" * 63, "3" * 64)).key) <= 40
