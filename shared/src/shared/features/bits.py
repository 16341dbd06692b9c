"""Bitmaps read fast: longest gap, first bin, meal starts, counts a half hour, by small tables."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_WORD = 16


def _gap_tables() -> tuple[Array, Array, Array]:
    """Return, for each 16-bit word, its zeros at the low end, at the high end, and the longest."""
    words = np.arange(1 << _WORD, dtype=np.uint32)
    low = np.full(words.shape, _WORD, dtype=np.uint8)
    high, inner = low.copy(), np.zeros_like(low)
    run = np.zeros_like(low)
    for bit in range(_WORD):
        is_set = (words >> bit) & 1 == 1
        low[is_set & (low == _WORD)] = bit
        high[is_set] = _WORD - 1 - bit
        run = np.where(is_set, 0, run + 1).astype(np.uint8)
        inner = np.maximum(inner, run)
    return low, high, inner


_LOW, _HIGH, _INNER = _gap_tables()


def longest_gap(words: Array) -> Array:
    """Return the longest run of empty bins in `[k, m]` 16-bit words, k consecutive a column."""
    run = np.zeros(words.shape[1], dtype=np.uint8)
    best = np.zeros_like(run)
    for word in words:
        index = word.astype(np.intp)
        np.maximum(best, run + _LOW.take(index), out=best)
        np.maximum(best, _INNER.take(index), out=best)
        run = np.where(word == 0, run + np.uint8(_WORD), _HIGH.take(index))
    return best


def first_bin(bitmap: Array, start: int) -> Array:
    """Return the first set bin at or after `start` in `[..., bytes]`, or -1."""
    tail = bitmap[..., start // 8 :].copy()
    tail[..., 0] &= np.uint8(0xFF << (start % 8) & 0xFF)
    full = tail != 0
    byte = full.argmax(-1)
    value = np.take_along_axis(tail, byte[..., None], -1)[..., 0]
    found = (start // 8 + byte) * 8 + _LOW[value]
    return np.where(value == 0, -1, found)


def planes(bitmap: Array) -> list[Array]:
    """Return `[..., bytes]` as a list of 64-bit words, each `[...]`, padded with empty bins."""
    size = -(-bitmap.shape[-1] // 8) * 8
    padded = np.zeros((*bitmap.shape[:-1], size), dtype=np.uint8)
    padded[..., : bitmap.shape[-1]] = bitmap
    words = padded.view("<u8")
    return [words[..., place].copy() for place in range(size // 8)]


def starts(words: list[Array]) -> list[Array]:
    """Return the bins that are set after at least four empty ones."""
    pairs = _joined(words, _later(words, 1))
    return [
        word & ~before
        for word, before in zip(words, _later(_joined(pairs, _later(pairs, 2)), 1), strict=True)
    ]


def _later(words: list[Array], bins: int) -> list[Array]:
    """Move every bin to a later one."""
    up, down = np.uint64(bins), np.uint64(64 - bins)
    moved = [words[0] << up]
    moved += [word << up | last >> down for last, word in pairwise(words)]
    return moved


def _joined(first: list[Array], second: list[Array]) -> list[Array]:
    return [one | other for one, other in zip(first, second, strict=True)]


def _lane_table() -> Array:
    """Return, for 12 bits, four byte lanes: how many of each three neighbouring bits are set."""
    bits = np.arange(1 << 12, dtype=np.uint32)
    lanes = np.zeros_like(bits)
    for lane in range(4):
        triple = (bits >> (3 * lane)) & 7
        lanes |= np.bitwise_count(triple).astype(np.uint32) << (8 * lane)
    return lanes


_LANES = _lane_table()


def half_hour_counts(words: list[Array]) -> Array:
    """Return `[..., 12]` words of four byte lanes: set ten-minute bins in each of 48 half hours.

    Lanes add up without carry while no half hour counts over 255.
    """
    octets = np.stack(words, axis=-1).view(np.uint8)[..., :18].astype(np.intp)
    triple = octets[..., 0::3] | octets[..., 1::3] << 8 | octets[..., 2::3] << 16
    parts = np.empty((*triple.shape[:-1], 12), dtype=np.uint32)
    parts[..., 0::2] = _LANES.take(triple & 0xFFF)
    parts[..., 1::2] = _LANES.take(triple >> 12)
    return parts
