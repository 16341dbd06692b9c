"""PSI, Kolmogorov-Smirnov and missing share, and when they mean something.

* **PSI**, population stability index: the sum over bins of (a - e) ln(a / e), where e and a are
  the shares of reference and group (Siddiqi, *Credit Risk Scorecards*, 2006: below 0.1 no change
  worth a look, above 0.25 a change). It is the symmetric divergence of Jeffreys (1946). Shares are
  smoothed by half a count a bin (Krichevsky and Trofimov, 1981), so that an empty bin does not make
  it infinite.
* Without any change it is not zero: (1/n + 1/m) times a chi-squared variable with bins - 1 degrees
  of freedom (Yurdakul and Naranjo, *Statistical properties of the population stability index*,
  Journal of Risk Model Validation 14(4), 2020). So a group has shifted only when its PSI reaches
  0.25 *and* that distribution's 99.99 % point: small groups are not accused for being small.
* **KS**, the greatest distance of the two distribution functions, here at the edges of the bins: a
  lower bound of the two-sample Kolmogorov-Smirnov statistic.
* **Missing share**: a difference of 0.1 or more that lies beyond 3.9 standard errors of the
  two-proportion test with pooled variance, about one chance in ten thousand.

Groups with fewer than 30 values are not judged.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shared.drift.reference import Histogram, counts_of

Array = NDArray[Any]
Verdict = Literal["stable", "shifted", "missing", "too_few"]
FEWEST = 30
PSI_LIMIT = 0.25
MISSING_LIMIT = 0.1
_Z = 3.719  # 99.99 % of the normal distribution, one-sided
_Z_TWO_SIDED = 3.891
_SMOOTHING = 0.5


@dataclass(frozen=True)
class Drift:
    """One indicator of one group beside the reference; figures are None where it is not judged."""

    verdict: Verdict
    psi: float | None = None
    ks: float | None = None
    missing_share: float | None = None
    reference_missing_share: float | None = None


def psi(reference: Array, group: Array) -> float:
    """Return the population stability index of two arrays of counts by the same bins.

    >>> round(psi(np.array([0, 10**9]), np.array([0, 10**9])), 6)
    0.0
    """
    expected, actual = _shares(reference), _shares(group)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def psi_by_chance(bins: int, reference: int, group: int) -> float:
    """Return what the PSI of two samples of one distribution exceeds once in ten thousand."""
    if bins <= 1 or not reference or not group:
        return 0.0
    return chi_squared(bins - 1) * (1 / reference + 1 / group)


def chi_squared(degrees: int, z: float = _Z) -> float:
    """Return a quantile of the chi-squared distribution, by default the one of 99.99 %.

    Wilson and Hilferty (1931): the cube root of chi-squared over its degrees is about normal.
    """
    spread = 2 / (9 * degrees)
    return float(degrees * (1 - spread + z * math.sqrt(spread)) ** 3)


def ks(reference: Array, group: Array) -> float:
    """Return the greatest distance of two cumulative shares, at the edges of the bins."""
    if not reference.sum() or not group.sum():
        return 0.0
    gap = np.cumsum(reference) / reference.sum() - np.cumsum(group) / group.sum()
    return float(np.max(np.abs(gap)))


def judge(reference: Histogram, values: Array) -> Drift:
    """Judge one indicator of one group; `values` has NaN for missing."""
    missing = int(np.isnan(values).sum())
    if len(values) < FEWEST:
        return Drift("too_few")
    expected = np.asarray(reference.counts)
    learned = int(expected.sum())
    shares = missing / len(values), _share(reference.missing, learned + reference.missing)
    is_missing = _differs(missing, len(values), reference.missing, learned + reference.missing)
    if len(values) - missing < FEWEST or learned < FEWEST:
        verdict: Verdict = "missing" if is_missing else "too_few"
        return Drift(verdict, None, None, *shares)
    actual = counts_of(reference.edges, values)
    found = psi(expected, actual)
    limit = max(PSI_LIMIT, psi_by_chance(len(expected), learned, len(values) - missing))
    verdict = "shifted" if found >= limit else "missing" if is_missing else "stable"
    return Drift(verdict, found, ks(expected, actual), *shares)


def _shares(counts: Array) -> Array:
    smoothed: Array = counts + _SMOOTHING
    shares: Array = smoothed / smoothed.sum()
    return shares


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _differs(missing: int, size: int, reference_missing: int, reference_size: int) -> bool:
    gap = abs(_share(missing, size) - _share(reference_missing, reference_size))
    if gap < MISSING_LIMIT or not reference_size:
        return False
    pooled = (missing + reference_missing) / (size + reference_size)
    error = math.sqrt(pooled * (1 - pooled) * (1 / size + 1 / reference_size))
    return gap >= _Z_TWO_SIDED * error
