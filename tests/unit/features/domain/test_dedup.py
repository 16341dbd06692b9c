"""Key sets and the duplicates of one partition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.domain.dedup import KeySet, Seen
from features.domain.keys import KeyMaker

_keys = st.lists(st.integers(1, 2**64 - 1), max_size=200)
_days = np.array([1, 1, 1], np.int64)


@given(st.lists(st.tuples(_keys, st.booleans()), max_size=8))
def test_a_key_set_is_a_set(steps: list[tuple[list[int], bool]]) -> None:
    """Whatever is added and whenever it is packed, a key is new exactly once."""
    ours, known = KeySet(), set[int]()
    for keys, settles in steps:
        distinct = sorted(set(keys))
        new = ours.add(np.array(distinct, np.uint64))
        assert new.tolist() == [key not in known for key in distinct]
        known |= set(distinct)
        if settles:
            ours.settle()
    assert len(ours) == len(known)
    assert sorted(ours.keys().tolist()) == sorted(known)


def test_keys_that_share_a_place_in_the_table_are_kept_apart() -> None:
    """Colliding places are probed on, within one batch and across batches."""
    keys = (np.arange(40, dtype=np.uint64) << np.uint64(32)) + np.uint64(7)
    ours = KeySet()
    assert ours.add(keys[:20]).all()
    assert ours.add(keys).tolist() == [False] * 20 + [True] * 20


def test_the_first_of_repeats_in_one_batch_is_the_new_one() -> None:
    """Within a batch the order of the log decides."""
    seen = Seen(14)
    keys = np.array([5, 9, 5, 9, 3], np.uint64)
    assert seen.add_of_day(1, keys).tolist() == [True, True, False, False, True]


def test_the_horizon_forgets_and_outliers_are_remembered_by_arrival() -> None:
    """Days behind the horizon are dropped; an outlier repeats only within it."""
    seen = Seen(2)
    seen.add_of_day(1, np.array([5], np.uint64))
    seen.advance(4)
    assert list(seen.by_day) == []
    assert seen.add_outlier(4, 8)
    assert not seen.add_outlier(6, 8)
    seen.advance(7)
    assert seen.add_outlier(7, 8)


def test_a_day_saved_in_many_pieces_is_written_anew_in_one() -> None:
    """After 64 pieces the next save holds all keys and replaces them."""
    seen = Seen(14)
    whole = []
    for number in range(1, 67):
        seen.add_of_day(1, np.array([number], np.uint64))
        [(raw, replaces)] = seen.take_unsaved().values()
        whole.append((len(raw) // 8, replaces))
    assert whole[63:] == [(1, False), (65, True), (1, False)]


@given(st.lists(st.text(max_size=200), min_size=1, max_size=20), st.data())
def test_a_key_depends_on_its_own_event_alone(ids: list[str], data: st.DataObject) -> None:
    """The company of a batch does not change a key: long, short, ASCII or not."""
    maker = KeyMaker(b"s")
    days = np.full(len(ids), 3, np.int64)
    together = maker.keys(["src"] * len(ids), ids, days)
    place = data.draw(st.integers(0, len(ids) - 1))
    alone = KeyMaker(b"s").keys(["src"], [ids[place]], days[:1])
    assert together[place] == alone[0]


def test_source_id_day_and_secret_all_count() -> None:
    """Changing any part of an event's name, or the secret, changes its key."""
    one = KeyMaker(b"s").keys(["a", "b", "a"], ["1", "1", "2"], _days).tolist()
    later = KeyMaker(b"s").keys(["a"], ["1"], np.array([2], np.int64)).tolist()
    other = KeyMaker(b"t").keys(["a"], ["1"], _days[:1]).tolist()
    assert len({*one, *later, *other}) == 5


def test_many_similar_ids_have_distinct_keys() -> None:
    """A hundred thousand consecutive ids of several widths do not meet."""
    ids = [f"card:{number:0{width}d}" for width in (6, 12) for number in range(50_000)]
    keys = KeyMaker(b"s").keys(["a"] * len(ids), ids, np.zeros(len(ids), np.int64))
    assert len(np.unique(keys)) == len(ids)
