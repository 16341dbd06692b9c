"""Nights: the longest quiet gap between 21:00 and 12:00, when it begins, how regular it is.

The gap stands for sleep. It is read from all events with a clock (card, gates, network sessions,
learning platform), not from the network alone. A night belongs to the campus day of its morning.
"""

from dataclasses import dataclass

import numpy as np

from shared.features.bits import longest_gap
from shared.features.frame import Array, Bools, Frame, sample_sd, share, totals

MORNING_CLOSES = 480  # 12:00
BINS_BEFORE_EVENING = 0x0FFF  # bins 192..203 (20:00-21:00) of the evening's first word
FIRST_BIN = 12  # 21:00, counted in five minutes from 20:00
BIN_MINUTES = 5
MIDNIGHT = 240  # minutes after 20:00
DAY_BINS = 288
FREE_DAYS = (5, 6)  # mornings of Saturday and Sunday
LEAST_FREE, LEAST_BOUND = 2, 5  # nights


@dataclass(frozen=True)
class Nights:
    """Of 84 nights: whether any event was seen, the gap's first bin from 20:00, its bins."""

    known: Bools
    start: Array
    length: Array


def sleep_gap_hours(frame: Frame, observed: Bools) -> Array:
    """Mean of the longest event-free gap between 21:00 and 12:00, of nights with any event."""
    nights = _nights(frame)
    bins = totals(nights.length * nights.known, observed, 14)
    return share(bins, totals(nights.known, observed, 14), scale=BIN_MINUTES / 60.0)


def net_offset_time(frame: Frame, observed: Bools) -> Array:
    """Mean minute after midnight (before it: negative) of the last event before the gap."""
    there, bins = _offsets(frame)
    count = totals(there, observed, 14)
    return share(totals(bins, observed, 14), count, scale=float(BIN_MINUTES)) - MIDNIGHT


def net_offset_sd(frame: Frame, observed: Bools) -> Array:
    """SD of the minute of the last event before the gap, of three nights or more."""
    there, bins = _offsets(frame)
    sums = totals(bins, observed, 14), totals(bins * bins, observed, 14)
    return sample_sd(totals(there, observed, 14), *sums) * BIN_MINUTES


def sleep_regularity(frame: Frame, observed: Bools) -> Array:
    """-100 + 200 x share of five-minute bins in the same state, asleep or not, 24 h apart."""
    nights = _nights(frame)
    start, length = nights.start.astype(np.int32), nights.length.astype(np.int32)
    end = start + length
    both = np.minimum(end[:, 1:], end[:, :-1]) - np.maximum(start[:, 1:], start[:, :-1])
    differing = length[:, 1:] + length[:, :-1] - 2 * np.maximum(both, 0)
    pairs = np.zeros(nights.known.shape, dtype=np.bool_)
    pairs[:, 1:] = nights.known[:, 1:] & nights.known[:, :-1] & observed[:, :-1]
    equal = np.zeros(pairs.shape, dtype=np.int32)
    equal[:, 1:] = np.where(pairs[:, 1:], DAY_BINS - differing, 0)
    count = totals(pairs, observed, 14) * DAY_BINS
    return share(totals(equal, observed, 14), count, scale=200.0) - 100.0


def social_jetlag(frame: Frame, observed: Bools) -> Array:
    """Hours between the middle of the gap before free and before other days, either way."""
    nights = _nights(frame)
    middle = 2 * nights.start.astype(np.int32) + nights.length
    today = frame.end_day - (0 if frame.minute >= MORNING_CLOSES else 1)
    free = np.isin((np.arange(today - 83, today + 1) + 3) % 7, FREE_DAYS)
    means = []
    for days, least in ((free, LEAST_FREE), (~free, LEAST_BOUND)):
        counted = nights.known & days
        count = totals(counted, observed, 28)
        mean = share(totals(middle * counted, observed, 28), count)
        means.append(np.where(count >= least, mean, np.nan))
    lag: Array = np.abs(means[0] - means[1]) * (BIN_MINUTES / 120.0)
    return lag


def _offsets(frame: Frame) -> tuple[Bools, Array]:
    """Return the nights with an event before the gap, and the first bin of the gap in them."""

    def made() -> tuple[Bools, Array]:
        nights = _nights(frame)
        there = nights.known & (nights.start > FIRST_BIN)
        return there, np.where(there, nights.start, 0).astype(np.int32)

    return frame.derived("offsets", made)


def _nights(frame: Frame) -> Nights:
    return frame.derived("nights", lambda: _gaps(frame))


def _gaps(frame: Frame) -> Nights:
    words = [word.view("<u2") for word in frame.words("activity")]
    students, days = frame.days.shape
    night = np.empty((12, students, days), dtype=np.uint16)
    for place in range(12):  # six pieces of the evening before, six of the morning
        word, piece = divmod((place + 12) % 18, 4)
        part = words[word].reshape(students, days, 4)[..., piece]
        if place < 6:  # noqa: PLR2004 - pieces of the evening
            night[place, :, 1:] = part[:, :-1]
            night[place, :, 0] = 0
        else:
            night[place] = part
    night[0] &= np.uint16(~BINS_BEFORE_EVENING & 0xFFFF)
    any_event = np.bitwise_or.reduce(night, axis=0) != 0
    night[0] |= np.uint16(BINS_BEFORE_EVENING)
    start, length = longest_gap(night.reshape(12, -1))
    any_event[:, 0] = False  # the evening before the first day is not known
    parts = (any_event, start.reshape(students, days), length.reshape(students, days))
    known, first, bins = (frame.closed(part, MORNING_CLOSES) for part in parts)
    return Nights(known, first, bins)
