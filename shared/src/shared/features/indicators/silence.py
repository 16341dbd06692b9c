"""Silence: days on which nobody and nothing saw the student, although the feeds were alive."""

import numpy as np

from shared.features.frame import Array, Bools, Frame
from shared.features.slots import PRESENCE_BITS

LONGEST = 7
SEARCH_DAYS = 28


def silent_days(frame: Frame, observed: Bools) -> Array:
    """Observed days without any presence since the last one with it, at most 7; 0 if seen today."""
    seen = (frame.slot("seen") & PRESENCE_BITS) != 0
    back = seen[:, ::-1][:, : SEARCH_DAYS + 1]
    unseen = np.logical_and.accumulate(~back, axis=-1)[:, 1:]
    judged = observed[:, ::-1][:, :SEARCH_DAYS]
    run = np.minimum((unseen & judged).sum(axis=-1), LONGEST)
    known = judged.any(axis=-1) | back[:, 0]
    return np.where(known, run.astype(np.float64), np.nan)[:, None]
