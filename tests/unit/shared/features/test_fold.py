"""Folding events into slots."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.campus_days import TODAY, Campus

from shared.features import fold
from shared.features.slots import (
    CLOCKLESS_MEAL,
    MERCHANTS,
    MISSED,
    PRESENCE_BITS,
    RING_DAYS,
    DayArray,
    empty_days,
)

EVENTS = 120
FOLDED = "7327bd658e0c1a2a"  # see test_the_meaning_of_the_fold_has_not_changed


def folded(seed: int, chunks: list[list[int]]) -> DayArray:
    """Fold the same 3 x 120 random events in the given chunks of indices."""
    rng = np.random.default_rng(seed)
    at = fold.Moments(
        rng.integers(0, 3, EVENTS),
        TODAY - rng.integers(0, 6, EVENTS),
        rng.integers(0, 1440, EVENTS).astype(np.int16),
        rng.random(EVENTS) < 0.9,
    )
    merchant = rng.integers(0, len(MERCHANTS), EVENTS).astype(np.uint8)
    amount = rng.random(EVENTS) * 60
    gate, place = rng.integers(0, 5, EVENTS), rng.integers(0, 64, EVENTS)
    inward, granted = rng.random(EVENTS) < 0.5, rng.random(EVENTS) < 0.9
    long, octets = rng.integers(0, 900, EVENTS), rng.integers(0, 20_000_000, EVENTS)
    leisure, lead = rng.random(EVENTS) * 300, rng.normal(20, 30, EVENTS)
    lead[rng.random(EVENTS) < 0.5] = np.nan
    kind, durations = rng.integers(0, 3, EVENTS), rng.integers(0, 50, (EVENTS, fold.FLOW_BINS))
    ring = empty_days(3)
    for chunk in chunks:
        pick = np.array(chunk, dtype=np.int64)
        part = fold.Moments(at.rows[pick], at.days[pick], at.minutes[pick], at.clocked[pick])
        updates = [
            *fold.card(part, merchant[pick], amount[pick]),
            *fold.gate(part, gate[pick], place[pick], inward=inward[pick], granted=granted[pick]),
            *fold.network(part, long[pick], place[pick], octets[pick], leisure=leisure[pick]),
            *fold.loan(part, in_person=inward[pick], overdue=~inward[pick]),
            *fold.learning(part, lead[pick]),
            *fold.attendance(part, kind[pick], long[pick], attended=granted[pick]),
            *fold.flows(part, durations[pick]),
            *fold.presence(part, "lantern.advisor.contacted.v1"),
        ]
        fold.apply(ring, updates, oldest=TODAY - RING_DAYS + 1, newest=TODAY)
    return ring


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    order=st.permutations(range(EVENTS)),
    cuts=st.lists(st.integers(0, EVENTS), max_size=8),
)
def test_any_order_and_batching_gives_the_same_bits(
    seed: int, order: list[int], cuts: list[int]
) -> None:
    """The same events in any permutation, cut anywhere, end in the same bytes."""
    edges = [0, *sorted(cuts), EVENTS]
    chunks = [order[a:b] for a, b in pairwise(edges)]
    assert folded(seed, chunks).tobytes() == folded(seed, [list(range(EVENTS))]).tobytes()


def test_idempotent_slots_survive_duplicates() -> None:
    """Bitmaps, flags and maxima are the same after a duplicate; sums need the horizon."""
    once, twice = folded(1, [list(range(EVENTS))]), folded(1, [list(range(EVENTS))] * 2)
    for name in ("activity", "meal_bins", "seen", "places", "dorm_last_in", "net_night", "marks"):
        assert np.array_equal(once[name], twice[name])
    assert np.array_equal(once["spend"] * 2, twice["spend"])


def test_the_meaning_of_the_fold_has_not_changed() -> None:
    """Whoever changes what an event does to a slot raises FOLD_VERSION, then this digest."""
    digest = hashlib.sha256(folded(7, [list(range(EVENTS))]).tobytes()).hexdigest()
    assert (fold.FOLD_VERSION, digest[:16]) == (2, FOLDED)


def test_a_day_without_a_clock_enters_no_hour() -> None:
    """An event of precision day counts for the day and for no bin."""
    campus = Campus()
    campus.card(1, None, 12.34)
    day = campus.ring[0, (TODAY - 1) % RING_DAYS]
    assert day["spend"].tolist() == [123, 0, 0]
    assert day["seen"] & CLOCKLESS_MEAL
    assert not day["activity"].any()
    assert not day["meal_bins"].any()
    assert day["purchases"] == 0


def test_a_refused_pass_is_no_presence() -> None:
    """A door that stays shut leaves no trace."""
    campus = Campus()
    campus.gate(1, "08:00", "in", granted=False)
    assert campus.ring.tobytes() == empty_days(1).tobytes()


def test_a_missed_meeting_is_no_presence() -> None:
    """Missing a class does not show the student to be there."""
    campus = Campus()
    campus.meet(1, "08:00", there=False)
    day = campus.ring[0, (TODAY - 1) % RING_DAYS]
    assert day["attendance"] == MISSED
    assert day["seen"] & PRESENCE_BITS == 0


def test_a_session_spreads_over_midnight_and_the_campus_day() -> None:
    """23:30 to 05:30 is 4.5 h on the first campus day, 1.5 h on the next, 5 h of it at night."""
    campus = Campus()
    campus.network(2, "23:30", 360)
    first, second = campus.ring[0, [(TODAY - 2) % RING_DAYS, (TODAY - 1) % RING_DAYS]]
    assert (first["net_minutes"], second["net_minutes"]) == (270, 90)
    assert np.bitwise_count(first["activity"]).sum() == 270 // 5
    assert np.bitwise_count(second["activity"]).sum() == 90 // 5
    assert np.bitwise_count(first["net_night"]) == 24
    assert np.bitwise_count(second["net_night"]) == 6


def test_background_traffic_is_presence_but_no_activity() -> None:
    """A night of keep-alive packets does not look like a night awake."""
    campus = Campus()
    campus.network(1, "01:00", 180, octets=5_000)
    day = campus.ring[0, (TODAY - 1) % RING_DAYS]
    assert not day["activity"].any()
    assert day["net_night"] == 0
    assert day["seen"] & PRESENCE_BITS


def test_a_session_is_clipped_to_the_ring() -> None:
    """What a session covers outside the ring is left out, what is inside is kept."""
    campus = Campus()
    campus.network(0, "03:00", 180)
    newest = campus.ring[0, TODAY % RING_DAYS]
    oldest = campus.ring[0, (TODAY + 1) % RING_DAYS]
    assert newest["net_minutes"] == 60
    assert oldest["net_minutes"] == 0


@pytest.mark.parametrize("code", ["D1", "七号楼", "飞凤轩", ""])
def test_a_place_has_a_stable_bit(code: str) -> None:
    """A building's bit depends on its code alone."""
    assert 0 <= fold.place_index(code) < 64
    assert fold.place_index(code) == fold.place_index(str(code))
