"""Nights and mornings: minutes online at night, the quiet gap, the first event of a day, places."""

import numpy as np

from shared.features.bits import first_bin, longest_gap
from shared.features.frame import Array, Bools, Frame, mean_a_day, share, totals

MORNING_CLOSES = 480  # 12:00
WAKING_BIN = 12  # 05:00 in bins of five minutes
BINS_BEFORE_EVENING = 0x0FFF  # bins 192..203 (20:00-21:00) of the evening's first word
FOUR_O_CLOCK = 240


def night_net_minutes(frame: Frame, observed: Bools) -> Array:
    """Minutes online 00:00-05:00 a night, several devices counted once."""
    online = np.bitwise_count(frame.slot("net_night"))
    return mean_a_day(frame.closed(online), observed, 7, 5.0)


def sleep_gap_hours(frame: Frame, observed: Bools) -> Array:
    """Mean of the longest event-free gap between 21:00 and 12:00, of nights with any event."""
    words = frame.slot("activity").view("<u2")
    students, days = words.shape[:2]
    night = np.empty((12, students, days), dtype=np.uint16)
    night[:6, :, 1:] = np.moveaxis(words[:, :-1, 12:18], -1, 0)
    night[:6, :, 0] = 0
    night[6:] = np.moveaxis(words[:, :, :6], -1, 0)
    night[0] &= np.uint16(~BINS_BEFORE_EVENING & 0xFFFF)
    any_event = np.bitwise_or.reduce(night, axis=0) != 0
    night[0] |= np.uint16(BINS_BEFORE_EVENING)
    gap = longest_gap(night.reshape(12, -1)).reshape(students, days)
    any_event[:, 0] = False  # the evening before the first day is not known
    counted = frame.closed(any_event, MORNING_CLOSES)
    bins = totals(frame.closed(gap, MORNING_CLOSES) * counted, observed, 14)
    return share(bins, totals(counted, observed, 14), scale=5.0 / 60.0)


def first_activity_time(frame: Frame, observed: Bools) -> Array:
    """Mean minute after midnight of the first event from 05:00 on, of days with any."""
    first = first_bin(frame.slot("activity"), WAKING_BIN)
    there = frame.closed(first >= 0)
    minute = np.where(there, frame.closed(first) * 5 + FOUR_O_CLOCK, 0)
    return share(totals(minute, observed, 14), totals(there, observed, 14))


def places_visited(frame: Frame, observed: Bools) -> Array:
    """Mean number of places a day."""
    return mean_a_day(frame.closed(np.bitwise_count(frame.slot("places"))), observed, 14)
