"""PSI, KS and missing share: by hand, by property, and without false alarms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drift.measures import (
    FEWEST,
    PSI_LIMIT,
    chi_squared,
    judge,
    ks,
    psi,
    psi_by_chance,
)
from shared.drift.reference import Histogram, reference_of

COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=12)


def test_psi_by_hand() -> None:
    """Halves that became one fifth and four fifths: 0.3 ln 4 with many counts."""
    even, uneven = np.array([5_000_000] * 2), np.array([2_000_000, 8_000_000])
    by_hand = (0.2 - 0.5) * math.log(0.2 / 0.5) + (0.8 - 0.5) * math.log(0.8 / 0.5)
    assert psi(even, uneven) == pytest.approx(by_hand, abs=1e-6)
    assert by_hand == pytest.approx(0.3 * math.log(4))


def test_psi_of_an_empty_bin_is_finite_and_known() -> None:
    """Half a count a bin: shares 10.5/21 against 0.5/21 and 20.5/21."""
    by_hand = (0.5 / 21 - 0.5) * math.log(0.5 / 10.5) + (20.5 / 21 - 0.5) * math.log(20.5 / 10.5)
    assert psi(np.array([10, 10]), np.array([0, 20])) == pytest.approx(by_hand)


@given(COUNTS)
def test_psi_of_the_same_counts_is_zero(counts: list[int]) -> None:
    """Nothing drifted from itself, and nobody is farther than one in cumulative share."""
    same = np.array(counts)
    assert psi(same, same) == 0.0
    assert ks(same, same) == 0.0


@given(
    st.integers(2, 12).flatmap(
        lambda k: st.tuples(*[st.lists(st.integers(0, 500), min_size=k, max_size=k)] * 2)
    )
)
def test_psi_and_ks_are_symmetric_and_bounded(pair: tuple[list[int], list[int]]) -> None:
    """PSI is never negative, KS lies in 0 to 1, and neither depends on which is the reference."""
    one, other = map(np.array, pair)
    assert psi(one, other) >= 0
    assert psi(one, other) == pytest.approx(psi(other, one))
    assert 0 <= ks(one, other) <= 1
    assert ks(one, other) == pytest.approx(ks(other, one))


def test_ks_by_hand() -> None:
    """Cumulative shares 0.25, 0.5, 1 against 0.5, 0.9, 1: 0.4."""
    assert ks(np.array([25, 25, 50]), np.array([50, 40, 10])) == pytest.approx(0.4)
    assert ks(np.array([25, 25]), np.array([0, 0])) == 0.0


@pytest.mark.parametrize(("degrees", "table"), [(4, 23.51), (9, 33.72), (19, 50.80)])
def test_chi_squared_is_near_the_tables(degrees: int, table: float) -> None:
    """The 99.99 % points of the tables, within three hundredths, on the cautious side."""
    assert chi_squared(degrees) == pytest.approx(table, rel=0.03)
    assert chi_squared(degrees) > table


@pytest.mark.parametrize("size", [30, 60, 200, 1000, 20_000])
def test_samples_of_one_distribution_are_not_accused(size: int) -> None:
    """Whatever the group's size: of 400 draws from the reference none has shifted."""
    rng = np.random.default_rng(size)
    reference = reference_of(["x"], rng.normal(size=(5000, 1))).indicators["x"]
    verdicts = [judge(reference, rng.normal(size=size)).verdict for _ in range(400)]
    assert verdicts == ["stable"] * 400


@pytest.mark.parametrize("size", [60, 200, 1000, 20_000])
def test_a_planted_shift_is_found_at_any_size(size: int) -> None:
    """1.3 standard deviations to one side show from 60 students on."""
    rng = np.random.default_rng(size)
    reference = reference_of(["x"], rng.normal(size=(5000, 1))).indicators["x"]
    found = judge(reference, rng.normal(1.3, 1.0, size))
    assert found.verdict == "shifted"
    assert found.psi is not None
    assert found.psi > PSI_LIMIT


def test_chance_shrinks_with_size() -> None:
    """Ten bins and 30 students against many: 9 degrees, over 30."""
    many = 10**9
    assert psi_by_chance(10, many, FEWEST) == pytest.approx(chi_squared(9) / FEWEST)
    assert psi_by_chance(10, many, 3000) < PSI_LIMIT
    assert psi_by_chance(1, many, FEWEST) == 0.0


def test_missing_values_are_told_apart_from_shifted_ones() -> None:
    """From 5 % missing to 40 %: missing; 8 % is not worth a word; 29 values are too few."""
    reference = Histogram([0.0], [500, 450], 50)
    values = np.tile([-1.0, 1.0], 300)
    assert judge(reference, values).verdict == "stable"
    gone = values.copy()
    gone[:240] = np.nan
    found = judge(reference, gone)
    assert (found.verdict, found.missing_share) == ("missing", 0.4)
    assert found.reference_missing_share == pytest.approx(0.05)
    few = values.copy()
    few[:48] = np.nan
    assert judge(reference, few).verdict == "stable"
    assert judge(reference, values[:29]).verdict == "too_few"
    assert judge(reference, np.full(100, np.nan)).verdict == "missing"


def test_what_was_always_missing_is_not_judged() -> None:
    """A reference without values: nothing to compare with, and no alarm for missing ones."""
    reference = Histogram([], [0], 1000)
    assert judge(reference, np.full(100, np.nan)).verdict == "too_few"
