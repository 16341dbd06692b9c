"""Values, coverage and usual values of whole catalogues."""

import hashlib

import numpy as np
import pytest
from tests.helpers.campus_days import TODAY, Campus, minute

from shared.contracts.event import FeedDay, FeedYield
from shared.features import catalogue, fold
from shared.features.catalogue import CATALOGUE, INDEX
from shared.features.coverage import YieldBook, day_number
from shared.features.evaluate import BLOCK, evaluate, quantiles
from shared.features.frame import Frame, past_windows
from shared.features.indicator import Indicator
from shared.features.slots import MERCHANTS, RING_DAYS, TYPES

CARD, GATE, NETWORK = (
    "lantern.card.swiped.v1",
    "lantern.gate.passed.v1",
    "lantern.network.used.v1",
)


# a share, spread or moment of something that never happened
UNDEFINED = {
    "meal_time_entropy", "meal_start_sd", "orderliness", "diet_anomaly", "spend_entropy",
    "shower_interval", "overnight_absence", "home_stay", "gaming_share", "flow_duration_entropy",
    "sleep_gap_hours", "net_offset_time", "net_offset_sd", "sleep_regularity", "social_jetlag",
    "lms_leadtime", "lms_shift", "attendance", "group_meeting_absence", "lab_night_share",
    "advisor_contact_gap", "literature_stall",
}  # fmt: skip


def crowd(students: int, seed: int = 3) -> Campus:
    """Return students with random events on random days, random yields and masks."""
    campus, rng = Campus(students), np.random.default_rng(seed)
    count = students * 60
    at = fold.Moments(
        rng.integers(0, students, count),
        TODAY - rng.integers(0, 90, count),
        rng.integers(0, 1440, count).astype(np.int16),
        rng.random(count) < 0.97,
    )
    place = rng.integers(0, 12, count)
    merchant = rng.integers(0, len(MERCHANTS), count).astype(np.uint8)
    inward = rng.random(count) < 0.5
    campus._apply(fold.card(at, merchant, rng.random(count) * 30))
    campus._apply(
        fold.gate(
            at,
            rng.integers(0, 5, count),
            place,
            inward=inward,
            granted=np.ones(count, dtype=np.bool_),
        )
    )
    campus._apply(
        fold.network(
            at,
            rng.integers(1, 300, count),
            place,
            rng.integers(0, 10**7, count),
            leisure=rng.random(count) * 100,
        )
    )
    lead = np.where(rng.random(count) < 0.5, np.nan, rng.normal(20, 30, count))
    campus._apply(fold.learning(at, lead))
    campus._apply(
        fold.attendance(at, rng.integers(0, 3, count), rng.integers(0, 500, count), attended=inward)
    )
    campus._apply(fold.loan(at, in_person=inward, overdue=~inward))
    campus._apply(fold.flows(at, rng.integers(0, 90, (count, fold.FLOW_BINS))))
    for field in ("advisor", "literature"):
        campus.life[field] = rng.integers(TODAY - 100, TODAY + 1, students)
    campus.yields = rng.integers(300, 1001, campus.yields.shape).astype(np.int32)
    campus.masked = rng.random(campus.masked.shape) < 0.05
    return campus


def test_alone_or_together_gives_the_same_bits() -> None:
    """A student's vector does not depend on who is evaluated beside them."""
    campus = crowd(BLOCK + 21)
    together = campus.evaluate()
    whole = campus.frame()
    for row in (0, 1, 100, BLOCK - 1, BLOCK, BLOCK + 20):
        alone = Frame(whole.days[row : row + 1], whole.life[row : row + 1], TODAY, whole.minute)
        single = evaluate(alone, campus.yields, campus.masked[row : row + 1])
        for name in ("values", "coverage", "usual", "low", "high"):
            mine = getattr(single, name)[0].tobytes()
            assert mine == getattr(together, name)[row].tobytes()


def test_the_meaning_of_evaluation_has_not_changed() -> None:
    """Whoever changes observation, coverage or baselines raises EVALUATION_VERSION and this."""
    vectors = crowd(20).evaluate()
    rounded = np.round(
        np.nan_to_num(np.stack([vectors.values, vectors.coverage, vectors.usual]), nan=-1.0), 9
    )
    digest = hashlib.sha256(rounded.tobytes()).hexdigest()
    assert (catalogue.EVALUATION_VERSION, digest[:16]) == (2, "48d177d571aced4d")


@pytest.mark.parametrize("one", [c for c in CATALOGUE if c.rule == "all"], ids=lambda c: c.id)
def test_a_live_feed_and_no_event_is_zero_at_full_coverage(one: Indicator) -> None:
    """Zero is a value: nothing happened and the feeds would have told."""
    campus = Campus()
    value, coverage = campus.value(one.id), campus.coverage(one.id)
    assert coverage == 1.0
    assert np.isnan(value) if one.id in UNDEFINED else value == 0.0


@pytest.mark.parametrize("one", [c for c in CATALOGUE if c.rule != "record"], ids=lambda c: c.id)
def test_a_dead_feed_is_missing_at_coverage_zero(one: Indicator) -> None:
    """Nothing happened and nobody would have told: missing, never zero."""
    campus = Campus()
    for ago in range(1, 85):
        campus.card(ago, "12:00")
    for kind in one.streams:
        campus.kill(kind, *range(85))
    assert np.isnan(campus.value(one.id))
    assert campus.coverage(one.id) == 0.0


def test_a_feed_dead_for_half_of_the_window_halves_the_coverage() -> None:
    """Seven of fourteen days without the card feed make 0.5, and the value stays."""
    campus = Campus()
    campus.card(3, "07:00")
    campus.kill(CARD, *range(7, 14))
    assert campus.coverage("breakfast_rate") == 0.5
    assert campus.value("breakfast_rate") == 1 / 7
    campus.kill(CARD, 6)
    assert np.isnan(campus.value("breakfast_rate"))


def test_masked_days_leave_the_denominator() -> None:
    """Five days of leave and breakfast on all the others: rate 1, coverage 1."""
    campus = Campus()
    for ago in range(5, 20):
        campus.card(ago, "07:00")
    campus.mask(0, 1, 2, 3, 4)
    assert campus.value("breakfast_rate") == 1.0
    assert campus.coverage("breakfast_rate") == 1.0


def test_an_unclocked_meal_leaves_the_day_unknown() -> None:
    """A purchase without a clock may have been breakfast: the day is not observed."""
    campus = Campus()
    campus.card(1, "07:00")
    campus.card(2, None)
    assert campus.value("breakfast_rate") == 1 / 13


def test_usual_is_the_median_of_the_own_past() -> None:
    """Breakfast every day until two weeks ago: usually 1, now 0."""
    campus = Campus()
    for ago in range(14, 84):
        campus.card(ago, "07:00")
    assert campus.value("breakfast_rate") == 0.0
    assert campus.usual("breakfast_rate") == 1.0


def test_without_28_observed_days_nothing_is_usual() -> None:
    """A baseline of 27 days is none."""
    campus = Campus()
    campus.kill(CARD, *range(14 + 27, 85))
    assert np.isnan(campus.usual("breakfast_rate"))
    campus = Campus()
    campus.kill(CARD, *range(14 + 28, 85))
    assert campus.usual("breakfast_rate") == 0.0


def test_the_ring_may_be_anywhere() -> None:
    """The same days at another ring position give the same vector."""
    assert RING_DAYS == 120
    campus = crowd(4)
    shifted = np.roll(campus.ring, 50, axis=1)
    frame = campus.frame()
    order = np.arange(TODAY - 84, TODAY + 1) % RING_DAYS
    assert np.array_equal(frame.days, campus.ring[:, order])
    assert np.array_equal(frame.days, shifted[:, (order + 50) % RING_DAYS])


def test_quantiles_agree_with_numpy() -> None:
    """Linear interpolation, NaN left out, all NaN stays NaN."""
    rng = np.random.default_rng(5)
    past = rng.random((50, 7))
    past[rng.random(past.shape) < 0.3] = np.nan
    past[0] = np.nan
    past[1] = 1.0
    got = np.stack(quantiles(past, (0.5, 0.05, 0.95)))
    want = np.stack([np.nanquantile(past[1:], q, axis=1) for q in (0.5, 0.05, 0.95)])
    assert np.isnan(got[:, 0]).all()
    assert np.allclose(got[:, 1:], want)


def test_yields_of_several_feeds_count_alike() -> None:
    """With one of two gates dead the type's yield is one half; a later tick corrects a day."""
    book = YieldBook()
    book.absorb(
        [
            FeedYield("north", [GATE], "alive", [FeedDay("2026-03-01", 10, 1.0)]),
            FeedYield("south", [GATE], "dead", [FeedDay("2026-03-01", 0, 0.0)]),
            FeedYield("card", [CARD], "alive", [FeedDay("2026-03-01", 10, 0.2)]),
        ]
    )
    book.absorb([FeedYield("card", [CARD], "late", [FeedDay("2026-03-01", 90, 0.9)])])
    end = day_number("2026-03-01")
    matrix = book.matrix(end, 2)
    assert matrix[1, TYPES.index(GATE)] == 500
    assert matrix[1, TYPES.index(CARD)] == 900
    assert matrix[0].sum() == 0
    assert book.dead() == ["south"]
    again = YieldBook.restore(book.dump())  # type: ignore[arg-type]  # as a checkpoint reads it
    assert np.array_equal(again.matrix(end, 2), matrix)
    book.forget_before(end + 1)
    assert book.matrix(end, 2).sum() == 0


def test_every_indicator_appears_once_and_evaluates_in_the_morning_too() -> None:
    """All columns at any time of day."""
    campus = crowd(3)
    assert len(INDEX) == len(CATALOGUE) >= 36
    for clock in ("04:00", "09:31", "12:01", "23:59"):
        vectors = campus.evaluate(minute(clock))
        assert vectors.values.shape == (3, len(CATALOGUE))
        assert ((vectors.coverage >= 0) & (vectors.coverage <= 1)).all()


def test_the_past_is_there_where_the_entry_says_so() -> None:
    """An indicator with `own_past` has past windows, one without has none."""
    frame = crowd(2).frame()
    observed = np.ones((2, 84), dtype=np.bool_)
    for one in CATALOGUE:
        columns = one.function(frame, observed).shape[1]
        assert (columns > 1) == (one.own_past and past_windows(one.window_days) > 0), one.id


@pytest.mark.parametrize("days", [1, 2, 65, 128])
def test_records_turn_into_words_whichever_way_they_lie(days: int) -> None:
    """Students side by side, as the pool keeps them, or days side by side: the same words."""
    campus = crowd(days)
    whole = campus.frame()
    turned = np.ascontiguousarray(whole.days.T).T
    other = Frame(turned, whole.life, TODAY, whole.minute)
    assert np.array_equal(whole.planes, other.planes)
    for name in ("seen", "places", "lab", "dorm_last_in"):
        assert np.array_equal(other.slot(name), whole.days[name])
    assert np.array_equal(other.slot("spend", 2), whole.days["spend"][..., 2])
