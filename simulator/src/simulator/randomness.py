"""Random numbers by address: the same seed, purpose and day give the same stream, in any order."""

import zlib

import numpy as np

from shared.kernel.campus_time import DAY_STARTS_AT_HOUR
from simulator.table import Floats, Ints


def generator(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """Return a generator that depends on nothing but its arguments; `number` may be negative."""
    address = (seed, zlib.crc32(purpose.encode()), number & 0xFFFF_FFFF)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(address)))


def sigmoid(x: Floats) -> Floats:
    out: Floats = 1.0 / (1.0 + np.exp(-x))
    return out


def overdispersed(rng: np.random.Generator, mean: Floats, k: float) -> Ints:
    """Draw negative binomial counts: a Poisson whose mean is Gamma with shape `k`."""
    rates = np.maximum(mean, 0.0) * rng.gamma(k, 1.0 / k, mean.shape)
    return rng.poisson(rates).astype(np.int64)


def pick(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Draw `size` indices with probability proportional to `weights`."""
    edges = np.cumsum(weights)
    found = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(found, dtype=np.int64)


def seconds_by_hour(rng: np.random.Generator, profile: Floats, size: int) -> Ints:
    """Draw seconds after local midnight from 24 hourly weights; hours 0-3 belong to the next day.

    The result lies in [4 h, 28 h): one campus day.
    """
    hour = pick(rng, profile, size)
    hour += 24 * (hour < DAY_STARTS_AT_HOUR)
    return hour * 3600 + rng.integers(0, 3600, size)
