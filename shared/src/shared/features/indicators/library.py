"""The library: entries a week, hours a week, loans and overdue notices."""

import numpy as np

from shared.features.bits import lowest
from shared.features.frame import Array, Bools, Frame, mean_a_day
from shared.features.slots import OVERDUE

LONGEST_STAY = 5  # hours, where the exit is not known
LONGEST_DAY = 1440


def library_visits(frame: Frame, observed: Bools) -> Array:
    """Entries a week."""
    return mean_a_day(frame, frame.closed(frame.slot("library_in")), observed, 28, scale=7.0)


def library_stay(frame: Frame, observed: Bools) -> Array:
    """Hours a week between entry and exit; without exits until the next event, at most 5 h."""
    entries, exits = frame.slot("library_in"), frame.slot("library_out")
    paired = frame.slot("library_stay")
    matched = (entries == exits) & (paired <= LONGEST_DAY)
    stay = np.where(matched, paired, 0).astype(np.int32)
    open_days = ~matched & (entries > 0)
    if open_days.any():
        stay[open_days] = _until_next(frame, open_days)
    return mean_a_day(frame, frame.closed(stay), observed, 28, scale=7.0 / 60.0)


def loans(frame: Frame, observed: Bools) -> Array:
    """Loans and renewals in 28 days, from the 56 days that end the frame."""
    return mean_a_day(frame, frame.closed(frame.slot("loans")), observed, 56, scale=28.0)


def overdue_loans(frame: Frame, observed: Bools) -> Array:
    """Days with an overdue notice in 28 days, from the 56 days that end the frame."""
    late = (frame.slot("marks") & OVERDUE) != 0
    return mean_a_day(frame, frame.closed(late), observed, 56, scale=28.0)


def _until_next(frame: Frame, chosen: Bools) -> Array:
    """Minutes from the hour of each entry to the next hour with any event, capped."""
    entered = frame.words("library_bins")[0][chosen]
    active = _active_hours([word[chosen] for word in frame.words("activity")])
    hours = np.zeros(entered.shape, dtype=np.int32)
    while entered.any():
        first = lowest(entered)
        ahead = np.where(first < 63, active >> np.minimum(first + np.uint8(1), 63), 0)  # noqa: PLR2004 - bits
        wait = np.minimum(lowest(ahead).astype(np.int32) + 1, LONGEST_STAY)
        hours += np.where(entered != 0, wait, 0)
        entered = entered & (entered - np.uint64(1))
    return np.minimum(hours * 60, LONGEST_DAY)


def _active_hours(words: list[Array]) -> Array:
    """Return the hours with any activity, lowest first: an hour is twelve bins of a word."""
    hours = np.zeros(words[0].shape, dtype=np.uint64)
    for hour in range(24):
        place, bit = divmod(12 * hour, 64)
        bins = words[place] >> np.uint64(bit)
        if bit > 64 - 12:
            bins = bins | words[place + 1] << np.uint64(64 - bit)
        hours |= ((bins & np.uint64(0xFFF)) != 0).astype(np.uint64) << np.uint64(hour)
    return hours
