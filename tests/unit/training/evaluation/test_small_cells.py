"""Suppression of small cells."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.small_cells import FLOOR, hidden

tables = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 60))


def test_nine_are_hidden_and_ten_are_not() -> None:
    """A single small cell takes the next smallest with it."""
    assert hidden({"a": 9, "b": 10, "c": 40, "d": 50}) == {"a", "b"}
    assert hidden({"a": 10, "b": 10}) == frozenset()


def test_two_tables_hide_alike() -> None:
    """A group with few without need is hidden like one with few in need."""
    assert hidden({"a": 50, "b": 20, "c": 30}, {"a": 2, "b": 90, "c": 95}) == {"a", "b"}


def test_hidden_for_another_reason() -> None:
    """What is hidden already counts; nothing more is hidden than needed."""
    assert hidden({"a": 20, "b": 30, "c": 40}, already={"a"}) == {"a", "b"}
    assert hidden({"a": 20, "b": 30, "c": 40}, already={"a", "b"}) == {"a", "b"}


@given(tables)
def test_nothing_small_can_be_found_by_subtraction(table: Any) -> None:
    """Total less what is shown is nothing, or at least ten students in at least two cells."""
    if not table:
        return
    out = hidden(table)
    left = sum(table.values()) - sum(n for k, n in table.items() if k not in out)
    assert all(table[name] >= FLOOR for name in table if name not in out)
    assert not out or out == set(table) or (len(out) > 1 and left >= FLOOR)
