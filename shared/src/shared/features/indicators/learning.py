"""Learning platform, attendance and group meetings."""

import numpy as np

from shared.features.frame import LOOKBACK_DAYS, Array, Bools, Frame, share, totals
from shared.features.slots import MEETING_HELD, MEETING_MISSED

FEW = 5  # activities without which their hour says nothing
LOW_NIBBLE, NIBBLE_BITS = 0x0F, 4


def lms_leadtime(frame: Frame, observed: Bools) -> Array:
    """Mean hours between handing in and the deadline, each at least 0 and at most 72."""
    quarters = totals(frame.closed(frame.slot("lead_quarters")), observed, 28)
    return share(quarters, totals(frame.closed(frame.slot("leads")), observed, 28), scale=0.25)


def lms_shift(frame: Frame, observed: Bools) -> Array:
    """Mean hour of learning activities of 28 days less that of the 56 days before."""
    bins = np.multiply(frame.closed(frame.slot("learning_bins")), observed, dtype=np.int64)
    acts = np.multiply(frame.closed(frame.slot("learning")), observed, dtype=np.int64)
    means = []
    for days in (slice(LOOKBACK_DAYS - 28, LOOKBACK_DAYS), slice(0, LOOKBACK_DAYS - 28)):
        count = acts[:, days].sum(axis=1)
        mean = share(bins[:, days].sum(axis=1), count, scale=1.0 / 6.0)
        means.append(np.where(count >= FEW, mean, np.nan))
    return (means[0] - means[1])[:, None]


def attendance(frame: Frame, observed: Bools) -> Array:
    """Attended / scheduled classes, laboratory shifts and group meetings; missing without any."""
    marks = frame.closed(frame.slot("attendance"))
    there = totals(marks & LOW_NIBBLE, observed, 28)
    return share(there, there + totals(marks >> NIBBLE_BITS, observed, 28))


def group_meeting_absence(frame: Frame, observed: Bools) -> Array:
    """Days with a missed group meeting / days with one held or missed; missing without any."""
    marks = frame.closed(frame.slot("marks"))
    missed = (marks & MEETING_MISSED) != 0
    held = missed | ((marks & MEETING_HELD) != 0)
    return share(totals(missed, observed, 28), totals(held, observed, 28))
