"""Meals with the campus card: breakfast, episodes a day, regularity of meal times."""

import math

import numpy as np

from shared.features.bits import (
    counted,
    lowest,
    spread,
    starts,
    summed,
    thirds,
    weekly_counts,
    within,
)
from shared.features.frame import (
    WEEK,
    Array,
    Bools,
    Frame,
    edges,
    mean_a_day,
    sample_sd,
    share,
    totals,
)

BREAKFAST = np.uint64((1 << 33) - (1 << 12))  # ten-minute bins 06:00-09:30, counted from 04:00
BREAKFAST_CLOSES = 330  # 09:30
MAIN_MEALS = ((12, 36), (36, 60), (72, 96))  # bins 06:00-10:00, 10:00-14:00, 16:00-20:00
HALF_HOURS = 48
MOST_MEALS = 28  # in one half hour of a window: an episode starts there at most once a day
_C_LN_C = np.array([0.0] + [c * math.log(c) for c in range(1, MOST_MEALS + 1)])
_LN = np.array([0.0] + [math.log(c) for c in range(1, HALF_HOURS * MOST_MEALS + 1)])
DIET_SLOTS = 8  # of three hours
DIET_WEEKS = 8
SPEND_PART = 100  # 10 yuan spent on meals weigh as much as one meal


def breakfast_rate(frame: Frame, observed: Bools) -> Array:
    """Days with a meal purchase 06:00-09:30 / observed days."""
    breakfast = (frame.words("meal_bins")[0] & BREAKFAST) != 0
    return mean_a_day(frame, frame.closed(breakfast, BREAKFAST_CLOSES), observed, 14)


def meal_count(frame: Frame, observed: Bools) -> Array:
    """Mean of meal episodes a day; a gap of four empty ten-minute bins parts two."""
    first, second, third = (np.bitwise_count(word) for word in _meal_starts(frame))
    return mean_a_day(frame, frame.closed(first + second + third), observed, 7)


def meal_time_entropy(frame: Frame, observed: Bools) -> Array:
    """H over 48 half hours of meal starts, over ln 48; 0 when always in the same half hour."""
    weeks = _weeks(frame, observed)
    pairs = summed([w[:, :-1] for w in weeks], [w[:, 1:] for w in weeks])
    months = summed([p[:, :-2] for p in pairs], [p[:, 2:] for p in pairs])
    counts = [month[:, edges(28)[0] // WEEK] for month in months]
    meals, places = counted(counts)
    entropy = _LN[meals] - spread(counts, _C_LN_C) / np.maximum(meals, 1)
    entropy = np.where(places == 1, 0.0, entropy / math.log(HALF_HOURS))
    return np.where(meals > 0, entropy, np.nan)


def meal_start_sd(frame: Frame, observed: Bools) -> Array:
    """SD of the start of breakfast, lunch and supper, averaged over those eaten three times."""
    total: Array = np.zeros(())
    known: Array = np.zeros(())
    for first in _main_meals(frame):
        eaten = frame.closed(first >= 0)
        minute = np.where(eaten, frame.closed(first) * 10, 0)
        count = totals(eaten, observed, 14)
        sums = totals(minute, observed, 14), totals(minute * minute, observed, 14)
        deviation = sample_sd(count, *sums)
        there = ~np.isnan(deviation)
        total, known = total + np.where(there, deviation, 0.0), known + there
    return share(total, known)


def diet_anomaly(frame: Frame, observed: Bools) -> Array:
    """Distance (Bray-Curtis, 0..1) of the week's meals from the student's eight weeks before.

    A week is its meal starts in eight slots of three hours and the money spent on meals, each a
    mean of observed days; 0 is the usual week, 1 shares nothing with it.
    """
    weeks = _weeks(frame, observed)
    spent = np.multiply(frame.closed(frame.slot("spend")), observed, dtype=np.int32)
    parts = [within(weeks, _slot_mask(slot)) * SPEND_PART for slot in range(DIET_SLOTS)]
    sums = np.stack([*(_now_and_before(part, 1) for part in parts), _now_and_before(spent, WEEK)])
    days = _now_and_before(observed, WEEK)
    mean = sums / np.maximum(days, 1)
    apart = np.abs(mean[:, 0] - mean[:, 1]).sum(axis=0)
    both = mean.sum(axis=(0, 1))
    enough = (days[1] >= 28) & (both > 0)  # noqa: PLR2004 - the baseline floor
    return np.where(enough, apart / np.where(both > 0, both, 1.0), np.nan)[:, None]


def _now_and_before(series: Array, week: int) -> Array:
    """Return `[2, n]` sums of the last week and of the eight weeks before it."""
    before = series[:, -(DIET_WEEKS + 1) * week : -week]
    return np.stack([series[:, -week:].sum(axis=1), before.sum(axis=1)])


def _slot_mask(slot: int) -> np.uint64:
    """Return six half hours, counted from 04:00, as bits in the word of `thirds`."""
    return np.uint64(sum(1 << 3 * half_hour % 64 for half_hour in range(6 * slot, 6 * slot + 6)))


def _meal_starts(frame: Frame) -> list[Array]:
    return frame.derived("meal_starts", lambda: starts(frame.words("meal_bins")))


def _half_hours(frame: Frame) -> Array:
    return frame.derived("half_hours", lambda: thirds(_meal_starts(frame)))


def _weeks(frame: Frame, observed: Bools) -> list[Array]:
    """Return the planes of how often a meal started in each half hour of each week."""
    starts_ = frame.closed(_half_hours(frame))
    counts = frame.of_days(
        "meals", observed, WEEK,
        lambda: np.stack(weekly_counts(np.where(observed, starts_, np.uint64(0)))),
    )  # fmt: skip
    return list(counts)


def _main_meals(frame: Frame) -> list[Array]:
    """Return the ten-minute bin in which each main meal starts, counted within it, or -1."""
    return frame.derived("main_meals", lambda: [_started(frame, *meal) for meal in MAIN_MEALS])


def _started(frame: Frame, first: int, end: int) -> Array:
    words, place = _meal_starts(frame), first // 64
    word = words[place] >> np.uint64(first % 64)
    if end > 64 * (place + 1):
        word = word | words[place + 1] << np.uint64(64 - first % 64)
    word = word & np.uint64((1 << (end - first)) - 1)
    return np.where(word == 0, np.int16(-1), lowest(word).astype(np.int16))
