"""The dormitory: late returns, nights away, days without leaving it, hours in it by day."""

import numpy as np

from shared.features.frame import Array, Bools, Frame, mean_a_day, medians, spans
from shared.features.slots import DORM_IN, DORM_OUT, MERCHANTS

MEAL = 1 << MERCHANTS.index("meal")
CURFEW = 19 * 60  # 23:00 as a minute of the campus day
DAYTIME = 720  # minutes between 08:00 and 20:00
_LOW_32 = np.uint64(0xFFFFFFFF)


def late_return(frame: Frame, observed: Bools) -> Array:
    """Nights whose last dorm entry is after curfew / observed nights."""
    late = frame.slot("dorm_last_in") > CURFEW
    return mean_a_day(frame, frame.closed(late), observed, 14)


def overnight_absence(frame: Frame, observed: Bools) -> Array:
    """Nights without a dorm entry or a session in the own dorm / observed nights.

    Missing for a student whom no dorm gate has ever seen: they live elsewhere.
    """
    absent = ~_at_home(frame)
    rate = mean_a_day(frame, frame.closed(absent), observed, 14)
    return np.where(_home(frame)[:, None] != 0, rate, np.nan)


def no_exit_days(frame: Frame, observed: Bools) -> Array:
    """Days in the dorm without an exit, a meal or another place / observed days."""
    home, places = _home(frame), frame.slot("places")
    elsewhere = ((places | places >> np.uint64(32)) & _LOW_32).astype(np.uint32) & ~home[:, None]
    out = (frame.slot("marks") & DORM_OUT) != 0
    fed = (frame.slot("card_kinds") & MEAL) != 0
    stayed = _at_home(frame) & ~out & ~fed & (elsewhere == 0)
    return mean_a_day(frame, frame.closed(stayed), observed, 14)


def home_stay(frame: Frame, observed: Bools) -> Array:
    """Median of the hours in the own dorm between 08:00 and 20:00, of days whose passes pair up.

    A day without a pass counts as spent inside if a session shows the student there, and is left
    out otherwise. Entries and exits that do not alternate (a read was missed) leave a day out too.
    """
    balance = frame.slot("dorm_balance").view(np.int8)
    inside = frame.slot("dorm_home").view(np.int16).astype(np.int32)
    ends_in = (balance == 1) | ((balance == 0) & (inside <= 0))
    inside = np.where(ends_in, inside + DAYTIME, inside)
    passed = (frame.slot("marks") & (DORM_IN | DORM_OUT)) != 0
    known = (np.abs(balance) <= 1) & (inside >= 0) & (inside <= DAYTIME)
    known &= passed | _at_home(frame)
    return medians(frame.closed(inside), observed & frame.closed(known), spans(14)) / 60.0


def _home(frame: Frame) -> Array:
    """Return the hashed buildings whose dorm gate the student passed in the last 85 days."""
    return frame.derived("home", lambda: np.bitwise_or.reduce(frame.slot("dorm_places"), axis=-1))


def _at_home(frame: Frame) -> Bools:
    """Say on which days the student entered the dorm or was online in it at night."""

    def made() -> Bools:
        entered = (frame.slot("marks") & DORM_IN) != 0
        there: Bools = entered | ((frame.slot("night_places") & _home(frame)[:, None]) != 0)
        return there

    return frame.derived("at home", made)
