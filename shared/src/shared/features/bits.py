"""Bitmaps read fast: counts of days by place, longest gap, first bin, meal starts.

A bitmap of a day is a list of 64-bit words, each an array `[...]`, lowest bin first.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_WORD = 16
_ONE = np.uint64(1)


def _gap_tables() -> tuple[Array, Array, Array]:
    """Return, for each 16-bit word, its zeros at the low end, at the high end, and the longest run.

    The first and the last are ready for `longest_gap`: length x 256, the last plus where it begins.
    """
    words = np.arange(1 << _WORD, dtype=np.uint32)
    low = np.full(words.shape, _WORD, dtype=np.uint16)
    high, inner = low.copy(), np.zeros_like(low)
    run = np.zeros_like(low)
    for bit in range(_WORD):
        is_set = (words >> bit) & 1 == 1
        low[is_set & (low == _WORD)] = bit
        high[is_set] = _WORD - 1 - bit
        run = np.where(is_set, 0, run + 1).astype(np.uint16)
        inner = np.maximum(inner, (run << 8) + (bit + 1 - run))
    return low << 8, high, inner.astype(np.uint16)


_LOW, _HIGH, _INNER = _gap_tables()


def longest_gap(words: Array) -> tuple[Array, Array]:
    """Return start and length of the longest run of empty bins in `[k, m]` 16-bit words.

    The words follow each other along the first axis, at most 255 bins in all; of equal gaps the
    last one counts.
    """
    run = np.zeros(words.shape[1], dtype=np.uint16)
    best = np.zeros_like(run)
    for place, word in enumerate(words):
        index, offset = word.astype(np.intp), np.uint16(_WORD * place)
        ahead = run * np.uint16(255)  # length x 256 plus the beginning, which is offset - run
        ahead += _LOW.take(index)
        np.maximum(best, ahead + offset, out=best)
        np.maximum(best, _INNER.take(index) + offset, out=best)
        run = np.where(word == 0, run + np.uint16(_WORD), _HIGH.take(index))
    return best & np.uint16(255), best >> np.uint16(8)


def first_bin(words: Sequence[Array]) -> Array:
    """Return the first set bin, or -1."""
    word, base = words[-1], np.full(words[-1].shape, 64 * (len(words) - 1), dtype=np.int16)
    for place in range(len(words) - 2, -1, -1):
        some = words[place] != 0
        word = np.where(some, words[place], word)
        base = np.where(some, np.int16(64 * place), base)
    return np.where(word == 0, np.int16(-1), base + lowest(word))


def lowest(word: Array) -> Array:
    """Return the number of the lowest set bit of 64-bit words, 64 without any."""
    found: Array = np.bitwise_count(~word & (word - _ONE))
    return found


def starts(words: Sequence[Array]) -> list[Array]:
    """Return the bins that are set after at least four empty ones."""
    pairs = _joined(words, _later(words, 1))
    return [
        word & ~before
        for word, before in zip(words, _later(_joined(pairs, _later(pairs, 2)), 1), strict=True)
    ]


def thirds(words: Sequence[Array]) -> Array:
    """Return 144 ten-minute bins as 48 half hours in one word, each at a bit of its own.

    Bins 3k to 3k + 2 join at bin 3k. Since 64 leaves 1 when divided by 3, these bins lie at other
    places modulo 3 in each of the three words, so the words can be laid over each other.
    """
    one, two = _sooner(words, 1), _sooner(words, 2)
    joined: Array = words[0] & np.uint64(0)
    for word, next_, last, mask in zip(words, one, two, _THIRDS, strict=True):
        joined = joined | ((word | next_ | last) & mask)
    return joined


_THIRDS = [np.uint64(sum(1 << bit for bit in range(64) if (64 * k + bit) % 3 == 0)) for k in (0, 1)]
_THIRDS.append(np.uint64(sum(1 << bit for bit in range(16) if (128 + bit) % 3 == 0)))


def _later(words: Sequence[Array], bins: int) -> list[Array]:
    """Move every bin to a later one."""
    up, down = np.uint64(bins), np.uint64(64 - bins)
    moved = [words[0] << up]
    moved += [word << up | last >> down for last, word in pairwise(words)]
    return moved


def _sooner(words: Sequence[Array], bins: int) -> list[Array]:
    """Move every bin to an earlier one."""
    down, up = np.uint64(bins), np.uint64(64 - bins)
    moved = [word >> down | following << up for word, following in pairwise(words)]
    return [*moved, words[-1] >> down]


def _joined(first: Sequence[Array], second: Sequence[Array]) -> list[Array]:
    return [one | other for one, other in zip(first, second, strict=True)]


def weekly_counts(days: Array) -> list[Array]:
    """Return, for each bit of `[n, 7 w]` words, the days a week that have it, in three planes.

    Plane k `[n, w]` holds bit k of all 64 counts: seven days are added by four full adders.
    """
    week = days.reshape(len(days), -1, 7)
    a, b, c, d, e, f, g = (week[:, :, day] for day in range(7))
    one, two = _add(a, b, c), _add(d, e, f)
    low = _add(one[0], two[0], g)
    high = _add(one[1], two[1], low[1])
    return [low[0], *high]


def summed(first: Sequence[Array], second: Sequence[Array]) -> list[Array]:
    """Return the planes of the sums of two counts of equally many planes."""
    carry = first[0] & second[0]
    total = [first[0] ^ second[0]]
    for one, other in zip(first[1:], second[1:], strict=True):
        part, carry = _add(one, other, carry)
        total.append(part)
    return [*total, carry]


def spread(planes: Sequence[Array], worth: Array) -> Array:
    """Return the sum over all bits of `worth[count]`."""
    terms: list[Array] = [~(planes[0] & np.uint64(0))]
    for plane in reversed(planes):
        terms = [part for term in terms for part in (term & ~plane, term & plane)]
    total = np.zeros(planes[0].shape)
    for count in range(1, len(worth)):
        total += np.bitwise_count(terms[count]) * worth[count]
    return total


def within(planes: Sequence[Array], mask: np.uint64) -> Array:
    """Return the sum of the counts of some of the bits."""
    total = np.zeros(planes[0].shape, dtype=np.int32)
    for place, plane in enumerate(planes):
        total += np.bitwise_count(plane & mask).astype(np.int32) << place
    return total


def counted(planes: Sequence[Array]) -> tuple[Array, Array]:
    """Return the sum of all counts, and how many bits are counted at all."""
    some = planes[0]
    for plane in planes[1:]:
        some = some | plane
    return within(planes, np.uint64(2**64 - 1)), np.bitwise_count(some)


def _add(a: Array, b: Array, c: Array) -> tuple[Array, Array]:
    """Return sum and carry of three bits."""
    half = a ^ b
    return half ^ c, a & b | half & c
