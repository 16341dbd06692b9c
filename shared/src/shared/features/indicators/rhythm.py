"""Days: the first event, its trend, likeness to the days before, places."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from shared.features.bits import counted, first_bin, spread, summed, weekly_counts
from shared.features.frame import (
    LOOKBACK_DAYS,
    WEEK,
    Array,
    Bools,
    Frame,
    edges,
    mean_a_day,
    share,
    totals,
)

WAKING_BINS = np.uint64(0xFFF)  # 04:00-05:00 in bins of five minutes
FOUR_O_CLOCK = 240
PLACES, MOST_DAYS = 64, 14
PARTS = 18  # of 80 minutes
LIKE_DAYS = 14
LEAST_DAYS = 7  # with a first event, for a trend
_C_LN_C = np.array([0.0] + [c * math.log(c) for c in range(1, MOST_DAYS + 1)])
_LN = np.array([0.0] + [math.log(c) for c in range(1, PLACES * MOST_DAYS + 1)])


def first_activity_time(frame: Frame, observed: Bools) -> Array:
    """Mean minute after midnight of the first event from 05:00 on, of days with any."""
    there, minute = _first(frame)
    return share(totals(minute, observed, 14), totals(there, observed, 14))


def first_activity_slope(frame: Frame, observed: Bools) -> Array:
    """Linear slope of the first event's minute over 14 days, in minutes a day."""
    there, minute = _first(frame)
    day = np.arange(LOOKBACK_DAYS, dtype=np.int32)
    n, t, tt, x, tx = (
        totals(part, observed, 14).astype(np.int64)
        for part in (there, there * day, there * day**2, minute, minute * day)
    )
    under = n * tt - t * t
    enough = (n >= LEAST_DAYS) & (under > 0)
    return np.where(enough, (n * tx - t * x) / np.maximum(under, 1), np.nan)


def routine_similarity(frame: Frame, observed: Bools) -> Array:
    """Mean share of 18 parts of a day that are alike, active or quiet, with each of 14 before."""
    parts = frame.closed(frame.derived("parts", lambda: _parts(frame)))
    lead = np.zeros((len(parts), LIKE_DAYS), dtype=parts.dtype)
    days = sliding_window_view(np.concatenate([lead, parts], axis=1), LOOKBACK_DAYS, axis=1)
    known = sliding_window_view(
        np.concatenate([lead.astype(np.bool_), observed], axis=1), LOOKBACK_DAYS, axis=1
    )[:, :LIKE_DAYS]
    differ = np.bitwise_count(days[:, :LIKE_DAYS] ^ parts[:, None])
    compared = known.sum(axis=1, dtype=np.int32)
    differing = (differ * known).sum(axis=1, dtype=np.int32)
    pairs = totals(compared, observed, 14) * PARTS
    return share(pairs - totals(differing, observed, 14), pairs)


def places_visited(frame: Frame, observed: Bools) -> Array:
    """Mean number of places a day."""
    return mean_a_day(frame, frame.closed(np.bitwise_count(frame.slot("places"))), observed, 14)


def location_entropy(frame: Frame, observed: Bools) -> Array:
    """H in nats over places, weighed by the days on which each was visited."""
    weeks = weekly_counts(np.where(observed, frame.closed(frame.slot("places")), np.uint64(0)))
    pairs = summed([w[:, :-1] for w in weeks], [w[:, 1:] for w in weeks])
    counts = [pair[:, edges(14)[0] // WEEK] for pair in pairs]
    visits, places = counted(counts)
    entropy = _LN[visits] - spread(counts, _C_LN_C) / np.maximum(visits, 1)
    return np.where(visits > 0, np.where(places == 1, 0.0, entropy), np.nan)


def _first(frame: Frame) -> tuple[Bools, Array]:
    """Return the days with an event from 05:00 on, and the minute of the first one."""

    def made() -> tuple[Bools, Array]:
        words = frame.words("activity")
        first = first_bin([words[0] & ~WAKING_BINS, *words[1:]])
        there = frame.closed(first >= 0)
        return there, np.where(there, frame.closed(first) * 5 + FOUR_O_CLOCK, 0).astype(np.int32)

    return frame.derived("first", made)


def _parts(frame: Frame) -> Array:
    """Return a word of 20 flags a day, four a byte lane: in which 80 minutes anything was seen."""
    flags = np.zeros(frame.days.shape, dtype=np.uint32)
    for place, word in enumerate(frame.words("activity")):
        some = word.view("<u2") != 0
        flags |= some.view("<u4") << np.uint32(place)
    return flags
