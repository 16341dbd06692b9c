"""Results and stages of study, from the life record."""

import numpy as np

from shared.features.frame import Array, Bools, Frame
from shared.features.life import half_year

COHORT_SD_POINTS = 0.6  # grade points; a fixed figure, so that no value depends on a cohort
COHORT_SD_RANK = 0.2887  # of a uniform percentile
MILESTONE_CREDITS = 2.0  # what an overdue stage of training weighs beside failed credits
RECENT_HALF_YEARS = 2


def gpa_drop(frame: Frame, _observed: Bools) -> Array:
    """Newest term's credit-weighted points less the mean of earlier terms, in cohort SD.

    Ranks (percentiles, turned round) where fewer than two terms have points. Missing when the
    newest result is older than two half-years.
    """
    terms = frame.life["terms"]
    points = terms["credit_points"] / np.maximum(terms["credits"], 1) / 100.0
    rank = 1.0 - terms["rank_sum"] / np.maximum(terms["ranks"], 1) / 10_000.0
    by_points = _change(frame, points / COHORT_SD_POINTS, terms["credits"] > 0)
    by_rank = _change(frame, rank / COHORT_SD_RANK, terms["ranks"] > 0)
    return np.where(np.isnan(by_points), by_rank, by_points)[:, None]


def failed_credits(frame: Frame, _observed: Bools) -> Array:
    """Credits failed or deferred in two half-years, plus 2 for each stage overdue."""
    terms, today = frame.life["terms"], frame.end_day
    recent = terms["tag"].astype(np.int64) > _now(frame) - RECENT_HALF_YEARS
    credits_ = np.where(recent, terms["failed"], 0).astype(np.int64).sum(axis=-1) / 100.0
    due, done = frame.life["due"], frame.life["done"]
    overdue = ((due > 0) & (due < today) & (done == 0)).sum(axis=-1)
    load: Array = (credits_ + MILESTONE_CREDITS * overdue)[:, None]
    return load


def milestone_delay_days(frame: Frame, _observed: Bools) -> Array:
    """Days past due over all stages that are not done."""
    due, today = frame.life["due"].astype(np.int64), frame.end_day
    still = (due > 0) & (due < today) & (frame.life["done"] == 0)
    late: Array = np.where(still, today - due, 0).sum(axis=-1)
    return late.astype(np.float64)[:, None]


def _now(frame: Frame) -> int:
    return int(half_year(np.array([frame.end_day]))[0])


def _change(frame: Frame, score: Array, known: Bools) -> Array:
    tags = np.where(known, frame.life["terms"]["tag"], 0).astype(np.int64)
    newest = tags.argmax(axis=-1)[:, None]
    earlier = known & (np.arange(tags.shape[1]) != newest)
    count = earlier.sum(axis=-1)
    mean = np.where(earlier, score, 0.0).sum(axis=-1) / np.maximum(count, 1)
    now = np.take_along_axis(score, newest, -1)[:, 0]
    fresh = tags.max(axis=-1, initial=0) > _now(frame) - RECENT_HALF_YEARS
    return np.where(fresh & (count > 0), now - mean, np.nan)
