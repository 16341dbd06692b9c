"""The network: minutes online at night, hours a day, leisure, how long flows last."""

import numpy as np

from shared.features.fold import FLOW_LEVELS
from shared.features.frame import Array, Bools, Frame, mean_a_day, share, totals


def night_net_minutes(frame: Frame, observed: Bools) -> Array:
    """Minutes online 00:00-05:00 a night in ten-minute bins, several devices counted once."""
    online = np.bitwise_count(frame.slot("net_night"))
    return mean_a_day(frame, frame.closed(online), observed, 7, scale=10.0)


def session_hours(frame: Frame, observed: Bools) -> Array:
    """Hours online a day, devices added up."""
    return mean_a_day(
        frame, frame.closed(frame.slot("net_minutes")), observed, 14, scale=1.0 / 60.0
    )


def gaming_share(frame: Frame, observed: Bools) -> Array:
    """Minutes of games, streaming and the like / all minutes online; missing without any."""
    leisure = totals(frame.closed(frame.slot("leisure_minutes")), observed, 28)
    online = totals(frame.closed(frame.slot("net_minutes")), observed, 28)
    return np.minimum(share(leisure, online), 1.0)


def flow_duration_entropy(frame: Frame, observed: Bools) -> Array:
    """Mean of the daily entropy of flow durations over ln 16, of days with a summary."""
    level = frame.closed(frame.slot("flow_entropy")).astype(np.int32)
    there = level > 0
    steps = totals(np.where(there, level - 1, 0), observed, 28)
    return share(steps, totals(there, observed, 28), scale=1.0 / FLOW_LEVELS)
