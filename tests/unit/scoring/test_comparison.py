"""Whether a shadow may be promoted without force."""

from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.comparison import Bounds, Comparison, refusal

LEVELS = ["none", "blue", "yellow", "orange", "abstained"]


def test_figures_of_a_comparison() -> None:
    """Of 100 students 10 stood at yellow or above, 15 would; 90 stay at their level."""
    cells = {("none", "none"): 85, ("none", "yellow"): 5, ("yellow", "orange"): 5}
    seen = Comparison(100, 100, {**cells, ("orange", "orange"): 5})
    assert (seen.both, seen.loud_before, seen.loud_after, seen.agreement) == (100, 10, 15, 0.9)
    assert refusal(seen, Bounds()) is None


def test_an_incomplete_shadow_is_refused() -> None:
    """94 of 100 students are too few, 95 suffice."""
    few = Comparison(100, 94, {("none", "none"): 94})
    refused = refusal(few, Bounds())
    assert refused is not None
    assert refused.code == "shadow_incomplete"
    assert refusal(Comparison(100, 95, {("none", "none"): 95}), Bounds()) is None


def test_a_shadow_that_is_much_louder_is_refused() -> None:
    """Twice as many and ten: 30 of 10 pass, 31 do not."""
    before = {("yellow", "yellow"): 10}
    assert refusal(Comparison(31, 31, {**before, ("none", "orange"): 20}), Bounds()) is None
    refused = refusal(Comparison(31, 31, {**before, ("none", "orange"): 21}), Bounds())
    assert refused is not None
    assert refused.code == "too_many_alerts"


@given(st.dictionaries(st.tuples(*[st.sampled_from(LEVELS)] * 2), st.integers(0, 50)))
def test_a_model_that_says_the_same_may_always_follow(cells: dict[tuple[str, str], int]) -> None:
    """Equal levels everywhere are never refused."""
    same = {(old, old): count for (old, _), count in cells.items()}
    total = sum(same.values())
    assert refusal(Comparison(total, total, same), Bounds()) is None


def test_a_shadow_that_silences_is_refused() -> None:
    """The same rule the other way: 10 left of 30 pass, of 31 they do not; abstaining is silence."""
    after = {("yellow", "yellow"): 10}
    assert refusal(Comparison(30, 30, {**after, ("orange", "none"): 20}), Bounds()) is None
    refused = refusal(Comparison(31, 31, {**after, ("orange", "abstained"): 21}), Bounds())
    assert refused is not None
    assert refused.code == "too_few_alerts"


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_bounds_are_the_same_both_ways(old: int, new: int) -> None:
    """Whether a change is too large does not depend on its direction."""
    there = Comparison(400, 400, {("none", "orange"): new, ("orange", "none"): old})
    back = Comparison(400, 400, {("none", "orange"): old, ("orange", "none"): new})
    assert (refusal(there, Bounds()) is None) == (refusal(back, Bounds()) is None)
