"""Meals with the campus card: breakfast, episodes a day, regularity of meal times."""

import math

import numpy as np

from shared.features.bits import half_hour_counts, planes, starts
from shared.features.frame import Array, Bools, Frame, mean_a_day, weekly, windows

BREAKFAST = np.uint64((1 << 33) - (1 << 12))  # ten-minute bins 06:00-09:30, counted from 04:00
BREAKFAST_CLOSES = 330  # 09:30
HALF_HOURS = 48
MOST_MEALS = 28  # in one half hour of a window: an episode starts there at most once a day
_C_LN_C = np.array([0.0] + [c * math.log(c) for c in range(1, MOST_MEALS + 1)])
_LN = np.array([0.0] + [math.log(c) for c in range(1, HALF_HOURS * MOST_MEALS + 1)])


def breakfast_rate(frame: Frame, observed: Bools) -> Array:
    """Days with a meal purchase 06:00-09:30 / observed days."""
    breakfast = (_meals(frame)[0] & BREAKFAST) != 0
    return mean_a_day(frame.closed(breakfast, BREAKFAST_CLOSES), observed, 14)


def meal_count(frame: Frame, observed: Bools) -> Array:
    """Mean of meal episodes a day; a gap of four empty ten-minute bins parts two."""
    first, second, third = (np.bitwise_count(word) for word in _meal_starts(frame))
    return mean_a_day(frame.closed(first + second + third), observed, 7)


def meal_time_entropy(frame: Frame, observed: Bools) -> Array:
    """H over 48 half hours of meal starts, over ln 48; 0 when always in the same half hour."""
    lanes = frame.closed(half_hour_counts(_meal_starts(frame)))
    weeks = weekly(np.where(observed[..., None], lanes, np.uint32(0)))
    bins = np.ascontiguousarray(weeks).view(np.uint8).astype(np.int16)
    counts = windows(bins, 28)
    meals = counts.sum(axis=-1, dtype=np.int64)
    spread = _LN[meals] - _C_LN_C[counts].sum(axis=-1) / np.maximum(meals, 1)
    single = counts.max(axis=-1) == meals
    entropy = np.where(single, 0.0, spread / math.log(HALF_HOURS))
    return np.where(meals > 0, entropy, np.nan)


def _meals(frame: Frame) -> list[Array]:
    return frame.derived("meals", lambda: planes(frame.slot("meal_bins")))


def _meal_starts(frame: Frame) -> list[Array]:
    return frame.derived("meal_starts", lambda: starts(_meals(frame)))
