"""Levels, abstention and reasons."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.bundles import CATALOGUE, a_bundle

from scoring.domain.inputs import digest_of, packed, unpacked
from scoring.domain.judge import (
    TOP,
    Basis,
    Evidence,
    level_of,
    may_open,
    missing,
    readiness,
    reasons,
)
from shared.bundle.manifest import MANIFEST, Manifest, Thresholds

CUTS = Thresholds(0.3, 0.5, 0.7)


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    document = (a_bundle(tmp_path) / MANIFEST).read_bytes()
    return Evidence.of(msgspec.json.decode(document, type=Manifest))


@pytest.mark.parametrize(
    ("probability", "level"),
    [
        (0.0, "none"),
        (0.299999, "none"),
        (0.3, "blue"),
        (0.5, "yellow"),
        (0.7, "orange"),
        (1.0, "orange"),
    ],
)
def test_a_level_begins_at_its_threshold(probability: float, level: str) -> None:
    """The threshold itself belongs to the level; red is never among them."""
    assert level_of(probability, CUTS) == level


@pytest.mark.parametrize(("probability", "kept"), [(None, False), (0.149, False), (0.15, True)])
def test_predictions_are_kept_from_half_of_blue_on(
    probability: float | None, *, kept: bool
) -> None:
    """A policy's bands may lie below the model's own cuts; an abstention predicts nothing."""
    assert may_open(probability, CUTS) is kept


def test_enough_evidence_is_scored(evidence: Evidence) -> None:
    """At the floor of coverage a vector is scored, below it is not."""
    enough = readiness(evidence, CATALOGUE, [1.0, 1.0, 1.0], [1.0, 0.5, 0.0])
    assert (enough.basis, enough.coverage) == (Basis.SCORED, 0.5)
    scant = readiness(evidence, CATALOGUE, [1.0, 1.0, 1.0], [1.0, 0.49, 0.0])
    assert scant.basis is Basis.LOW_COVERAGE


def test_a_missing_value_is_no_evidence(evidence: Evidence) -> None:
    """Full coverage of two values that do not exist is one third."""
    scant = readiness(evidence, CATALOGUE, [None, None, 0.0], [1.0, 1.0, 1.0])
    assert scant.basis is Basis.LOW_COVERAGE
    assert scant.coverage == 0.3333


def test_another_catalogue_is_never_scored(evidence: Evidence) -> None:
    """Values of another meaning are not evidence, whatever their number."""
    other = readiness(evidence, "d" * 64, [1.0], [1.0])
    assert other.basis is Basis.OTHER_CATALOGUE


_SHARE = st.sampled_from([0.0, 0.5, -0.5]) | st.floats(-5, 5)


@given(
    st.integers(1, 30).flatmap(
        lambda width: st.lists(
            st.lists(_SHARE, min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
def test_reasons_are_the_largest_shares_either_way(shares: list[list[float]]) -> None:
    """Of each student at most five, largest first, ties in feature order, none of them nothing."""
    names = [f"i{n}" for n in range(len(shares[0]))]
    nothing: list[float | None] = [None] * len(names)
    none = [nothing] * len(shares)
    for row, found in zip(shares, reasons(names, np.array(shares), none, none), strict=True):
        order = sorted(range(len(row)), key=lambda at: (-abs(row[at]), at))[:TOP]
        want = [(names[at], round(row[at], 6)) for at in order if round(row[at], 6)]
        assert [(one.indicator, one.share) for one in found] == want


def test_a_reason_has_its_own_value_and_usual_value() -> None:
    """They are those of the indicator and the student, in whatever order shares put them."""
    values: list[list[float | None]] = [[1.0, 2.0], [3.0, None]]
    usual: list[list[float | None]] = [[5.0, 6.0], [None, 8.0]]
    first, second = reasons(["a", "b"], np.array([[0.1, 0.2], [0.4, -0.3]]), values, usual)
    assert [(one.indicator, one.value, one.usual) for one in first] == [("b", 2, 6), ("a", 1, 5)]
    assert [(one.indicator, one.value, one.usual) for one in second] == [
        ("a", 3, None),
        ("b", None, 8),
    ]


def test_rows_are_packed_together_and_come_back_alike() -> None:
    """What drift is measured on is float32 with NaN for missing; no rows give none."""
    rows: list[list[float | None]] = [[1.0, None], [0.5, 2.0]]
    back = unpacked(packed(rows), 2)
    assert np.array_equal(back, np.array([[1.0, np.nan], [0.5, 2.0]]), equal_nan=True)
    assert packed([]) == []


def test_missing_names_the_indicators() -> None:
    """Zero is not missing."""
    assert missing(["a", "b"], [0.0, None]) == ["b"]


def test_the_input_digest_covers_all_that_was_given() -> None:
    """Values, usual values, coverage and catalogue: each changes the digest."""
    row: list[float | None] = [1.0, None]
    digests = {
        digest_of("c", row, row, row),
        digest_of("d", row, row, row),
        digest_of("c", [1.0, 0.0], row, row),
        digest_of("c", row, [1.0, 0.0], row),
        digest_of("c", row, row, [1.0, 0.0]),
    }
    assert len(digests) == 5
