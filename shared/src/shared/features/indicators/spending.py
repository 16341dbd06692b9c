"""Spending with the campus card: level, change of level, share at night."""

import math

import numpy as np

from shared.features.frame import LOOKBACK_DAYS, Array, Bools, Frame, medians, share, spans, totals

FEN_A_YUAN = 100.0
OFFSET_YUAN = 1.0  # added to both levels, so that a level of nothing has a logarithm


def spend_level(frame: Frame, observed: Bools) -> Array:
    """Median of daily spend on observed days, in yuan."""
    spend = frame.closed(frame.slot("spend_fen"))
    return medians(spend, observed, spans(14)) / FEN_A_YUAN


def spend_level_drop(frame: Frame, observed: Bools) -> Array:
    """Ln of median daily spend over 14 days against the 56 days before (1 yuan added to both)."""
    spend = frame.closed(frame.slot("spend_fen"))
    ends = [(LOOKBACK_DAYS - 14, LOOKBACK_DAYS), (LOOKBACK_DAYS - 70, LOOKBACK_DAYS - 14)]
    level = medians(spend, observed, ends) / FEN_A_YUAN
    enough = observed[:, ends[1][0] : ends[1][1]].sum(axis=-1) >= 28  # noqa: PLR2004 - the baseline floor
    ratio = (level[:, 0] + OFFSET_YUAN) / (level[:, 1] + OFFSET_YUAN)
    drop = np.array([math.log(r) if r > 0 else math.nan for r in ratio.tolist()])
    return np.where(enough, drop, np.nan)[:, None]


def late_snack_rate(frame: Frame, observed: Bools) -> Array:
    """Meal and shop purchases 22:00-06:00 / all of them; 0 without purchases."""
    night = totals(frame.closed(frame.slot("night_purchases")), observed, 14)
    bought = totals(frame.closed(frame.slot("purchases")), observed, 14)
    return share(night, bought, empty=0.0)
