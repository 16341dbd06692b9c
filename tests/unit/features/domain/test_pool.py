"""The pool of rows, and merging updates into it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.domain.emission import FlushRule
from features.domain.merging import merge
from features.domain.pool import BLOCK, Pool
from shared.features.fold import Update, apply
from shared.features.slots import RING_DAYS, SLOTS, empty_days

_DAY = 20_700


@st.composite
def _updates(draw: st.DrawFn) -> list[Update]:
    built = []
    for _ in range(draw(st.integers(1, 6))):
        slot = SLOTS[draw(st.sampled_from(sorted(SLOTS)))]
        size = draw(st.integers(0, 8))
        numbers = st.lists(st.integers(0, 2**16), min_size=size, max_size=size)
        rows = np.array(draw(numbers), np.int64) % 5
        days = _DAY - np.array(draw(numbers), np.int64) % 130
        values = np.array(draw(numbers), np.int64)
        words = np.array(draw(numbers), np.int64) % slot.width if slot.width > 1 else None
        built.append(Update(slot.name, rows, days, values, words))
    return built


@given(_updates())
def test_merging_is_the_shared_fold_in_another_layout(updates: list[Update]) -> None:
    """The pool's merge gives the bits of `shared.features.fold.apply`, the ring's edge included."""
    pool, plain = Pool(1), empty_days(BLOCK)
    pool.take_block(0, _DAY - RING_DAYS + 1)
    merge(pool, updates)
    apply(plain, updates, oldest=_DAY - RING_DAYS + 1, newest=_DAY)
    window = pool.window(np.arange(BLOCK), _DAY, RING_DAYS)
    places = np.arange(_DAY - RING_DAYS + 1, _DAY + 1) % RING_DAYS
    assert window.tobytes() == plain[:, places].tobytes()


def test_growing_keeps_rows_and_blocks_given_back_are_empty() -> None:
    """More room changes nothing that is there; a returned block is clean for the next partition."""
    pool = Pool(1, reserved=BLOCK)
    assert pool.take_block(7, 0) == 0
    pool.days["net_minutes"][5, 3] = 99
    assert pool.take_block(8, 0) == 1
    assert pool.days["net_minutes"][5, 3] == 99
    pool.give_back(0)
    assert not pool.days[:, :BLOCK].view(np.uint8).any()
    assert pool.take_block(9, 0) == 0


def test_the_flush_rule() -> None:
    """At once when caught up, half of the time at most; behind, after a delay, a twentieth."""
    live = FlushRule("adaptive", delay_s=0.1, behind=1000)
    assert live.is_due(batch=1, since_flush_s=0.0, last_cost_s=0.0)
    assert not live.is_due(batch=5000, since_flush_s=0.05, last_cost_s=0.0)
    assert live.is_due(batch=5000, since_flush_s=0.11, last_cost_s=0.0)
    assert not live.is_due(batch=5000, since_flush_s=1.8, last_cost_s=0.1)
    assert live.is_due(batch=5000, since_flush_s=2.0, last_cost_s=0.1)
    assert not live.is_due(batch=1, since_flush_s=0.2, last_cost_s=0.3)
    assert not FlushRule("ticks").is_due(batch=0, since_flush_s=9.0, last_cost_s=0.0)
