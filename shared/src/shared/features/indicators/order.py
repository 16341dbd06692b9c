"""Orderliness of meals: how well the last two weeks foretell when the next meal is eaten."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from shared.features.frame import LOOKBACK_DAYS, WEEK, Array, Bools, Frame, edges
from shared.features.indicators.meals import _main_meals

LAGS = 14  # days
LONGEST = 6  # tokens
MEALS = 3
BINS = 3  # ten minutes in a half hour
_WORD_TOKENS = 3 * WEEK * MEALS  # 63: three weeks
_WEEK_MASK = np.uint64((1 << WEEK * MEALS) - 1)


def orderliness(frame: Frame, observed: Bools) -> Array:
    """Minus the Lempel-Ziv estimate of entropy of meal times, in nats; nearer to 0 is more orderly.

    A day is three tokens, the half hours of breakfast, lunch and supper (or none of it). For each
    token the shortest sequence from it on that did not occur at the same meals of one of the 14
    days before is looked for, at most 7 long: S = n ln n / (sum of lengths), over n tokens.
    """
    tokens = np.stack([frame.closed(first) // BINS for first in _main_meals(frame)], axis=-1)
    there = np.repeat(observed, MEALS, axis=1)
    tokens = np.where(there, tokens.reshape(len(tokens), -1), np.int16(99)).astype(np.int8)
    runs = _matches(tokens)
    seen = _words(there)
    count, length = np.bitwise_count(_weeks(seen)).astype(np.int64), np.zeros((), np.int64)
    for _ in range(LONGEST):
        found = np.bitwise_or.reduce(runs, axis=0) & seen
        length = length + np.bitwise_count(_weeks(found))
        runs = runs & _next(runs)
    tokens_, lengths = _months(count), _months(count + length)
    entropy = tokens_ * _LN[tokens_] / np.maximum(lengths, 1)
    any_meal = _months(_eaten(tokens, there)) > 0
    return np.where(any_meal, -entropy, np.nan)


def _matches(tokens: Array) -> Array:
    """Return `[14, n, 4]` words: which tokens are the same so many days before."""
    lead = np.full((len(tokens), LAGS * MEALS), np.int8(98))
    earlier = np.concatenate([lead, np.where(tokens == 99, np.int8(98), tokens)], axis=1)  # noqa: PLR2004 - an unknown day
    shifted = sliding_window_view(earlier, tokens.shape[1], axis=1)[:, : LAGS * MEALS : MEALS]
    return _words(shifted.swapaxes(0, 1) == tokens)


def _words(flags: Array) -> Array:
    """Return `[..., 252]` flags as `[..., 4]` words of three weeks each."""
    padded = np.zeros((*flags.shape[:-1], 4, 64), dtype=np.bool_)
    padded[..., :_WORD_TOKENS] = flags.reshape(*flags.shape[:-1], 4, _WORD_TOKENS)
    octets = np.packbits(padded.reshape(-1), bitorder="little")
    words: Array = octets.view("<u8").reshape(*flags.shape[:-1], 4)
    return words


def _next(words: Array) -> Array:
    """Move every token to the one before it."""
    moved = words >> np.uint64(1)
    moved[..., :-1] |= (words[..., 1:] & np.uint64(1)) << np.uint64(_WORD_TOKENS - 1)
    return moved


def _weeks(words: Array) -> Array:
    """Return `[n, 12]`: the tokens of each week."""
    parts = [words >> np.uint64(WEEK * MEALS * place) & _WEEK_MASK for place in range(3)]
    return np.stack(parts, axis=-1).reshape(len(words), -1)


def _months(weeks: Array) -> Array:
    """Return `[n, 1 + past]` sums over four weeks."""
    upto = np.zeros((len(weeks), weeks.shape[1] + 1), dtype=np.int64)
    np.cumsum(weeks, axis=1, out=upto[:, 1:])
    first, last = edges(28) // WEEK
    sums: Array = upto[:, last] - upto[:, first]
    return sums


def _eaten(tokens: Array, there: Array) -> Array:
    eaten = (tokens >= 0) & there
    weeks: Array = eaten.reshape(len(eaten), LOOKBACK_DAYS // WEEK, -1).sum(axis=-1)
    return weeks


_LN = np.array([0.0] + [math.log(n) for n in range(1, 28 * MEALS + 1)])
