"""Identifiers."""

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import new_id, stable_id

PARTS = st.lists(st.text(st.characters(exclude_characters="\x1f")), min_size=1, max_size=4)


@given(one=PARTS, other=PARTS)
def test_stable_ids_are_equal_exactly_for_equal_parts(one: list[str], other: list[str]) -> None:
    """Equal parts give equal ids, different parts different ones, however they are cut."""
    assert (stable_id("x", *one) == stable_id("x", *other)) == (one == other)


def test_new_ids_differ_and_carry_their_prefix() -> None:
    """A new id is fresh and says what it names."""
    ids = {new_id("alert") for _ in range(100)}
    assert len(ids) == 100
    assert all(name.startswith("alert_") for name in ids)
