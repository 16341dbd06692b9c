"""The split: students and mornings apart, stable whoever else is in."""

from hypothesis import given
from hypothesis import strategies as st

from training.dataset.splits import PARTS, Split


@given(st.sets(st.integers(0, 30_000), min_size=3))
def test_mornings_are_split_in_the_order_of_time(days: set[int]) -> None:
    """Every part has a morning, none before the parts before it."""
    parts = Split().parts_of_days(list(days))
    assert parts is not None
    assert set(parts) == days
    assert [parts[day] for day in sorted(days)] == sorted(parts.values(), key=PARTS.index)
    assert set(parts.values()) == set(PARTS)


def test_two_mornings_are_not_split() -> None:
    """Then only students are."""
    assert Split().parts_of_days([1, 2, 2]) is None


def test_shares_of_students_are_those_asked_for() -> None:
    """And another seed draws others."""
    names = [f"p1:{n:032x}" for n in range(10_000)]
    split = Split((0.7, 0.2, 0.1), seed=4)
    drawn = [split.part_of_student(name) for name in names]
    for part, share in zip(PARTS, (0.7, 0.2, 0.1), strict=True):
        assert abs(drawn.count(part) / len(drawn) - share) < 0.02
    assert drawn != [Split((0.7, 0.2, 0.1), seed=5).part_of_student(name) for name in names]
