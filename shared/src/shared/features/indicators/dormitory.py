"""The dormitory: late returns, nights away, days without leaving it."""

import numpy as np

from shared.features.frame import Array, Bools, Frame, mean_a_day
from shared.features.slots import DORM_IN, DORM_OUT, MERCHANTS

MEAL = 1 << MERCHANTS.index("meal")
CURFEW = 19 * 60  # 23:00 as a minute of the campus day
_LOW_32 = np.uint64(0xFFFFFFFF)


def late_return(frame: Frame, observed: Bools) -> Array:
    """Nights whose last dorm entry is after curfew / observed nights."""
    late = frame.slot("dorm_last_in") > CURFEW
    return mean_a_day(frame.closed(late), observed, 14)


def overnight_absence(frame: Frame, observed: Bools) -> Array:
    """Nights without a dorm entry or a session in the own dorm / observed nights.

    Missing for a student whom no dorm gate has ever seen: they live elsewhere.
    """
    home = _home(frame)
    absent = ~_at_home(frame, home)
    rate = mean_a_day(frame.closed(absent), observed, 14)
    return np.where(home[:, None] != 0, rate, np.nan)


def no_exit_days(frame: Frame, observed: Bools) -> Array:
    """Days in the dorm without an exit, a meal or another place / observed days."""
    home = _home(frame)
    places = frame.slot("places")
    elsewhere = ((places | places >> np.uint64(32)) & _LOW_32).astype(np.uint32) & ~home[:, None]
    out = (frame.slot("dorm") & DORM_OUT) != 0
    fed = (frame.slot("card_kinds") & MEAL) != 0
    stayed = _at_home(frame, home) & ~out & ~fed & (elsewhere == 0)
    return mean_a_day(frame.closed(stayed), observed, 14)


def _home(frame: Frame) -> Array:
    """Return the hashed buildings whose dorm gate the student passed in the last 85 days."""
    home: Array = np.bitwise_or.reduce(frame.slot("dorm_places"), axis=-1)
    return home


def _at_home(frame: Frame, home: Array) -> Bools:
    entered = (frame.slot("dorm") & DORM_IN) != 0
    there: Bools = entered | ((frame.slot("night_places") & home[:, None]) != 0)
    return there
