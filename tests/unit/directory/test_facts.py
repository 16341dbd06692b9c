"""Places, masks and when others are told."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from directory.domain.facts import (
    CalendarEntry,
    Leave,
    LeaveKind,
    Student,
    masks_of,
    next_facts,
    place_of,
)
from directory.domain.org import NO_PLACE, Node, Place, Tree
from directory.domain.person import Assignment
from shared.contracts.student import Mask

TREE = Tree(
    [
        Node("u1", "school", None, "校", "school"),
        Node("c1", "college", "u1", "院", "college"),
        Node("t1", "team", "c1", "队", "team"),
        Node("t2", "team", "c1", "队", "team"),
        Node("t9", "team", "c1", "旧", "old", is_active=False),
    ]
)
HERE = Place("u1", "c1", "t1")
DAYS = st.integers(0, 40).map(lambda n: date(2026, 9, 1) + timedelta(days=n))
KINDS = st.sampled_from(["leave", "internship", "holiday", "exempt"])


def a_leave(kind: LeaveKind, start: date, length: int, *, is_withdrawn: bool = False) -> Leave:
    end = start + timedelta(days=length)
    return Leave("l", "p", kind, start.isoformat(), end.isoformat(), is_withdrawn)


LEAVES = st.lists(
    st.builds(a_leave, KINDS, DAYS, st.integers(0, 9), is_withdrawn=st.booleans()), max_size=12
)


def days(kind: str, start: str, end: str) -> set[tuple[str, date]]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return {(kind, first + timedelta(days=n)) for n in range((last - first).days + 1)}


def member(node: str, *, start: str = "", end: str = "", primary: bool = False) -> Assignment:
    return Assignment("e", "x", "student", node, start, end, is_primary=primary)


@given(LEAVES)
def test_masks_cover_exactly_the_days_of_leave(leaves: list[Leave]) -> None:
    """Merging loses no excused day, adds none, and leaves no overlap of a kind."""
    masks = masks_of(HERE, [], leaves)
    wanted = {
        d for one in leaves if not one.is_withdrawn for d in days(one.kind, one.start, one.end)
    }
    covered = [d for mask in masks for d in days(mask.kind, mask.start, mask.end)]
    assert set(covered) == wanted
    assert len(covered) == len(wanted)


@given(LEAVES, st.randoms(use_true_random=False))
def test_masks_do_not_depend_on_order(leaves: list[Leave], random: object) -> None:
    """The same leave in any order, entered twice or once, gives the same masks."""
    shuffled = [*leaves, *leaves]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert masks_of(HERE, [], shuffled) == masks_of(HERE, [], leaves)


def test_only_the_own_calendar_counts() -> None:
    """School and own college mask; another college's calendar does not."""
    entries = [
        CalendarEntry("u1", "holiday", "2026-10-01", "2026-10-07"),
        CalendarEntry("c1", "exam", "2027-01-04", "2027-01-08"),
        CalendarEntry("c2", "exam", "2027-02-01", "2027-02-08"),
    ]
    assert masks_of(HERE, entries, []) == [
        Mask("holiday", "2026-10-01", "2026-10-07"),
        Mask("exam", "2027-01-04", "2027-01-08"),
    ]


def test_the_primary_team_wins() -> None:
    """Primary before others, a team before a college, a later start before an earlier one."""
    assert place_of([member("t1"), member("t2", primary=True)], TREE, "2026-09-01").team == "t2"
    assert place_of([member("c1"), member("t1")], TREE, "2026-09-01").team == "t1"
    later = [member("t1", start="2026-01-01"), member("t2", start="2026-08-01")]
    assert place_of(later, TREE, "2026-09-01").team == "t2"


def test_only_valid_memberships_of_active_units_count() -> None:
    """Outside its days, or in a closed unit, a membership is none."""
    ended = member("t1", end="2026-08-31")
    assert place_of([ended], TREE, "2026-08-31") == HERE
    assert place_of([ended, member("t9"), member("nowhere")], TREE, "2026-09-01") == NO_PLACE


def test_a_tree_with_a_loop_ends() -> None:
    """A damaged tree does not hang anybody."""
    loop = Tree([Node("a", "college", "b", "", ""), Node("b", "college", "a", "", "")])
    assert loop.place("a").college == "a"


def test_versions_rise_only_with_news() -> None:
    """The first facts are version 1; the same again are not told; a change is the next."""
    student = Student("p", "x", "master", 2024, is_current=True)
    first = next_facts(student, HERE, [], "2026-09-01T00:00:00Z")
    assert first is not None
    told = Student("p", "x", "master", 2024, is_current=True, published=first)
    assert next_facts(told, HERE, [], "2026-09-02T00:00:00Z") is None
    mask = Mask("leave", "2026-09-03", "2026-09-04")
    second = next_facts(told, HERE, [mask], "2026-09-03T00:00:00Z")
    assert second is not None
    assert (first.version, second.version, second.masks) == (1, 2, [mask])


def test_who_was_never_placed_is_not_told_of() -> None:
    """A student without any place is not published; one who lost it keeps the last."""
    student = Student("p", "x", "master", 2024, is_current=True)
    assert next_facts(student, NO_PLACE, [], "2026-09-01T00:00:00Z") is None
    first = next_facts(student, HERE, [], "2026-09-01T00:00:00Z")
    gone = Student("p", "x", "master", 2024, is_current=False, published=first)
    last = next_facts(gone, NO_PLACE, [], "2026-09-02T00:00:00Z")
    assert last is not None
    assert (last.enrolled, last.team) == (False, "t1")
