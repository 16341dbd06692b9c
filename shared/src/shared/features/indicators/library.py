"""The library: entries a week, hours a week."""

import numpy as np

from shared.features.frame import Array, Bools, Frame, mean_a_day

LONGEST_STAY = 300  # minutes, where the exit is not known
LONGEST_DAY = 1440


def library_visits(frame: Frame, observed: Bools) -> Array:
    """Entries a week."""
    return mean_a_day(frame.closed(frame.slot("library_in")), observed, 28, 7.0)


def library_stay(frame: Frame, observed: Bools) -> Array:
    """Hours a week between entry and exit; without exits until the next event, at most 5 h."""
    entries, exits = frame.slot("library_in"), frame.slot("library_out")
    paired = frame.slot("library_out_sum") - frame.slot("library_in_sum")  # exact modulo 2^16
    matched = (entries == exits) & (paired <= LONGEST_DAY)
    stay = np.where(matched, paired, 0).astype(np.int32)
    open_days = ~matched & (entries > 0)
    if open_days.any():
        stay[open_days] = _until_next(frame, open_days)
    return mean_a_day(frame.closed(stay), observed, 28, 7.0 / 60.0)


def _until_next(frame: Frame, chosen: Bools) -> Array:
    """Minutes from each entry's half hour to the next half hour with any event, capped."""
    entered = np.unpackbits(frame.slot("library_bins")[chosen], axis=-1, bitorder="little")
    five = np.unpackbits(frame.slot("activity")[chosen], axis=-1, bitorder="little")
    active = np.asarray(five.reshape(len(five), 48, 6).any(axis=-1))
    following = np.full(len(active), 2 * 48)
    total = np.zeros(len(active), dtype=np.int32)
    for bin_ in range(47, -1, -1):
        here = np.minimum((following - bin_) * 30, LONGEST_STAY)
        total += np.where(entered[:, bin_] == 1, here, 0).astype(np.int32)
        following = np.where(active[:, bin_], bin_, following)
    return np.minimum(total, LONGEST_DAY)
