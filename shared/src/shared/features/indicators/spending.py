"""The campus card: level of spending, its change, what for, when; and showers."""

import math

import numpy as np

from shared.features.fold import entropy_of
from shared.features.frame import LOOKBACK_DAYS, Array, Bools, Frame, medians, share, spans, totals
from shared.features.slots import MERCHANTS

JIAO_A_YUAN = 10.0
OFFSET_YUAN = 1.0  # added to both levels, so that a level of nothing has a logarithm
SHOWER = 1 << MERCHANTS.index("shower")
CLASSES = 3


def spend_level(frame: Frame, observed: Bools) -> Array:
    """Median of daily spend on observed days, in yuan."""
    return medians(_spend(frame), observed, spans(14)) / JIAO_A_YUAN


def spend_level_drop(frame: Frame, observed: Bools) -> Array:
    """Ln of median daily spend over 14 days against the 56 days before (1 yuan added to both)."""
    spend, cut = _spend(frame), LOOKBACK_DAYS - 14
    now = medians(spend, observed, [(cut, LOOKBACK_DAYS)])[:, 0] / JIAO_A_YUAN
    before = medians(spend, observed, [(cut - 56, cut)])[:, 0] / JIAO_A_YUAN
    enough = observed[:, cut - 56 : cut].sum(axis=-1) >= 28  # noqa: PLR2004 - the baseline floor
    ratio = (now + OFFSET_YUAN) / (before + OFFSET_YUAN)
    drop = np.array([math.log(r) if r > 0 else math.nan for r in ratio.tolist()])
    return np.where(enough, drop, np.nan)[:, None]


def spend_entropy(frame: Frame, observed: Bools) -> Array:
    """H in nats over meals, shop and all else, by amount (shares in thousandths)."""
    parts = [frame.closed(frame.slot("spend", k)) for k in range(CLASSES)]
    sums = np.stack([totals(part, observed, 28) for part in parts], axis=-1)
    return np.where(sums.any(axis=-1), entropy_of(sums.astype(np.int64)), np.nan)


def late_snack_rate(frame: Frame, observed: Bools) -> Array:
    """Meal and shop purchases 22:00-06:00 / all of them; 0 without purchases."""
    night = totals(frame.closed(frame.slot("night_purchases")), observed, 14)
    bought = totals(frame.closed(frame.slot("purchases")), observed, 14)
    return share(night, bought, empty=0.0)


def shower_interval(frame: Frame, observed: Bools) -> Array:
    """Longest run of observed days without a shower; a day that was not observed ends a run.

    Missing for a student without any shower by card in the last 84 days: they wash elsewhere.
    """
    showered = frame.closed((frame.slot("card_kinds") & SHOWER) != 0)
    ended = np.logical_or(showered, ~observed)
    day = np.arange(LOOKBACK_DAYS, dtype=np.int16)
    last = np.maximum.accumulate(np.where(ended, day, np.int16(-1)), axis=1)
    lasting = day - last
    columns = [_longest(lasting[:, first:last]) for first, last in spans(14)]
    known = np.any(showered, axis=1, keepdims=True)
    return np.where(known, np.stack(columns, axis=1), np.nan)


def _longest(lasting: Array) -> Array:
    """Return the longest run within some days, counted from the first of them at most."""
    within = np.minimum(lasting, np.arange(1, lasting.shape[1] + 1, dtype=np.int16))
    longest: Array = within.max(axis=1)
    return longest


def _spend(frame: Frame) -> Array:
    def total() -> Array:
        parts = [frame.slot("spend", k).astype(np.int32) for k in range(CLASSES)]
        return frame.closed(parts[0] + parts[1] + parts[2])

    return frame.derived("spend of a day", total)
