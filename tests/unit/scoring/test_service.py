"""Assessing vectors and swapping models."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle
from tests.helpers.vectors import a_vector, pseudonym

from scoring import runtime
from scoring.service.assessing import ScoringService
from shared.contracts.assessment import Assessment
from shared.contracts.codec import decoder, encode
from shared.kernel.errors import ServiceAwayError


def serving(folder: Path) -> ScoringService:
    return ScoringService(
        lambda: runtime.load(folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES)
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ScoringService:
    made = serving(a_bundle(tmp_path_factory.mktemp("bundle")))
    made.reload()
    return made


def test_a_vector_becomes_an_assessment(service: ScoringService) -> None:
    """Probability, level and reasons come with the model, the vector and a digest of the input."""
    one = service.assess([a_vector()])[0]
    assert one.status == "scored"
    assert one.probability is not None
    assert one.model == "test-1"
    assert len(one.input_digest) == 64
    assert {c.indicator for c in one.contributions} <= set(FEATURES)
    assert decoder(Assessment).decode(encode(one)) == one


def test_ids_are_deterministic_in_vector_and_model(service: ScoringService) -> None:
    """The same vector twice has one id, two vectors have two."""
    first, again, other = service.assess([a_vector(), a_vector(), a_vector(position=2)])
    assert first == again
    assert other.id != first.id


def test_below_the_floor_it_abstains_and_says_what_is_missing(service: ScoringService) -> None:
    """No probability, no level, no reasons; the missing indicators and dead feeds are named."""
    dark = a_vector(values=[None, None, 0.0], coverage=[0.0, 0.0, 1.0], dead_feeds=["card"])
    one = service.assess([dark])[0]
    assert (one.status, one.probability, one.level) == ("abstained", None, "none")
    assert one.contributions == []
    assert one.missing == ["breakfast_rate", "meal_count"]
    assert one.dead_feeds == ["card"]


def test_a_vector_of_another_catalogue_is_not_scored(service: ScoringService) -> None:
    """Old vectors after an upgrade are abstained from, of whatever length they are."""
    one = service.assess([a_vector(catalogue="d" * 64, values=[1.0], coverage=[1.0])])[0]
    assert one.status == "abstained"
    assert one.missing == FEATURES


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.lists(st.none() | st.floats(-100, 100), min_size=3, max_size=3), min_size=1, max_size=20
    ),
    cut=st.integers(0, 20),
)
def test_assessments_do_not_depend_on_the_batch(
    service: ScoringService, rows: list[list[float | None]], cut: int
) -> None:
    """Cutting a batch anywhere gives the same bytes."""
    vectors = [a_vector(pseudonym(n), n, values=row) for n, row in enumerate(rows)]
    whole = service.assess(vectors)
    parts = service.assess(vectors[:cut]) + service.assess(vectors[cut:])
    assert [encode(one) for one in whole] == [encode(one) for one in parts]


def test_without_a_bundle_it_is_away(tmp_path: Path) -> None:
    """No bundle was accepted: callers are told why, and nothing is scored."""
    empty = serving(tmp_path / "none")
    done = empty.reload()
    assert (done.outcome, done.model) == ("refused", None)
    with pytest.raises(ServiceAwayError, match=r"manifest\.json"):
        empty.assess([a_vector()])


def test_a_refused_bundle_leaves_the_old_one_serving(tmp_path: Path) -> None:
    """An altered bundle is reported; scores stay those of the model before; a good one swaps."""
    made = serving(a_bundle(tmp_path))
    assert made.reload().outcome == "swapped"
    before = made.assess([a_vector()])
    (tmp_path / "model.onnx").write_bytes(b"altered")
    refused = made.reload()
    assert (refused.outcome, refused.model) == ("refused", "test-1")
    assert refused.refusal is not None
    assert refused.refusal.reason == "hash"
    assert made.assess([a_vector()]) == before
    a_bundle(tmp_path, model="test-2", seed=2)
    assert made.reload().outcome == "swapped"
    assert made.refusal is None
    assert made.assess([a_vector()])[0].model == "test-2"
    assert made.reload().outcome == "unchanged"


def test_a_batch_is_scored_by_one_model(tmp_path: Path) -> None:
    """A swap in the middle of a batch does not mix models."""
    made = serving(a_bundle(tmp_path))
    made.reload()
    model = made.require_model()
    original: Callable[..., object] = model.run

    def swap_then_run(*args: object, **named: object) -> object:
        a_bundle(tmp_path, model="test-2", seed=2)
        made.reload()
        return original(*args, **named)

    model.run = swap_then_run  # type: ignore[method-assign,assignment]  # the moment of the swap
    assert made.assess([a_vector()])[0].model == "test-1"
    assert made.assess([a_vector()])[0].model == "test-2"


def test_of_two_reloads_the_last_to_be_asked_for_wins(tmp_path: Path) -> None:
    """A slow load of what served before does not replace what was asked for meanwhile."""
    folders = {name: a_bundle(tmp_path / name, model=name, seed=2) for name in ("old", "new")}
    serves, reading, go_on = ["old"], threading.Event(), threading.Event()

    def load() -> runtime.OnnxModel:
        name = serves[0]
        if name == "old":
            reading.set()
            go_on.wait(5.0)
        folder = folders[name]
        return runtime.load(folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES)

    service = ScoringService(load)
    slow = threading.Thread(target=service.reload)
    slow.start()
    assert reading.wait(5.0)
    serves[0] = "new"
    quick = threading.Thread(target=service.reload)
    quick.start()
    quick.join(0.3)  # without the lock it is done by now
    go_on.set()
    slow.join()
    quick.join()
    assert service.require_model().manifest.model == "new"
