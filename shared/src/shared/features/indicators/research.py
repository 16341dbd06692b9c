"""A graduate's research: the laboratory, meetings with the advisor, literature tasks."""

import numpy as np

from shared.features.frame import LOOKBACK_DAYS, Array, Bools, Frame, mean_a_day, share, totals
from shared.features.slots import LAB_NIGHT


def lab_entry_hours(frame: Frame, observed: Bools) -> Array:
    """Hours a day of laboratory sign-ins."""
    return mean_a_day(frame, frame.closed(frame.slot("lab")), observed, 14, scale=1.0 / 6.0)


def lab_night_share(frame: Frame, observed: Bools) -> Array:
    """Days with a laboratory sign-in that touches 22:00-06:00 / days with any; else missing."""
    there = frame.closed(frame.slot("lab")) > 0
    night = frame.closed((frame.slot("marks") & LAB_NIGHT) != 0)
    return share(totals(night & there, observed, 14), totals(there, observed, 14))


def advisor_contact_gap(frame: Frame, observed: Bools) -> Array:
    """Observed days since the last meeting with the advisor, at most 84; missing if never met."""
    return _days_since(frame, observed, "advisor")


def literature_stall(frame: Frame, observed: Bools) -> Array:
    """Observed days since a literature task last moved, at most 84; missing if none ever did."""
    return _days_since(frame, observed, "literature")


def _days_since(frame: Frame, observed: Bools, field: str) -> Array:
    last = frame.life[field].astype(np.int64)[:, None]
    days = np.arange(frame.end_day - LOOKBACK_DAYS, frame.end_day)
    gap = ((days >= last) & (last < frame.end_day) & observed).sum(axis=1).astype(np.float64)
    known = (last[:, 0] > 0) & observed.any(axis=1)
    return np.where(known, gap, np.nan)[:, None]
