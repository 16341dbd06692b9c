"""Levels, abstention and reasons."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.bundles import CATALOGUE, a_bundle

from scoring.domain.inputs import digest_of
from scoring.domain.judge import TOP, Basis, level_of, may_open, missing, readiness, reasons
from shared.bundle.manifest import MANIFEST, Manifest, Thresholds

CUTS = Thresholds(0.3, 0.5, 0.7)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    document = (a_bundle(tmp_path) / MANIFEST).read_bytes()
    return msgspec.json.decode(document, type=Manifest)


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


def test_enough_evidence_is_scored(manifest: Manifest) -> None:
    """At the floor of coverage a vector is scored, below it is not."""
    enough = readiness(manifest, CATALOGUE, [1.0, 1.0, 1.0], [1.0, 0.5, 0.0])
    assert (enough.basis, enough.coverage) == (Basis.SCORED, 0.5)
    scant = readiness(manifest, CATALOGUE, [1.0, 1.0, 1.0], [1.0, 0.49, 0.0])
    assert scant.basis is Basis.LOW_COVERAGE


def test_a_missing_value_is_no_evidence(manifest: Manifest) -> None:
    """Full coverage of two values that do not exist is one third."""
    scant = readiness(manifest, CATALOGUE, [None, None, 0.0], [1.0, 1.0, 1.0])
    assert scant.basis is Basis.LOW_COVERAGE
    assert scant.coverage == 0.3333


def test_another_catalogue_is_never_scored(manifest: Manifest) -> None:
    """Values of another meaning are not evidence, whatever their number."""
    other = readiness(manifest, "d" * 64, [1.0], [1.0])
    assert other.basis is Basis.OTHER_CATALOGUE


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_reasons_are_the_largest_shares_either_way(shares: list[float]) -> None:
    """At most five, largest first, none of them nothing."""
    names = [f"i{n}" for n in range(len(shares))]
    none = [None] * len(shares)
    found = [abs(one.share) for one in reasons(names, shares, none, none)]
    assert found == sorted(found, reverse=True)
    assert len(found) <= TOP
    assert all(found)
    assert not found or max(map(abs, shares)) == pytest.approx(found[0], abs=1e-6)


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
