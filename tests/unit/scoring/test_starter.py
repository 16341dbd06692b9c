"""The bundle that ships: it serves today's catalogue, and its script makes it."""

import numpy as np
import pytest
from tools.build_starter_bundle import HOME, NAME, Plan, build
from tools.starter_bundle.figures import ece, pr_auc, roc_auc

from scoring import runtime
from scoring.config import Settings
from scoring.domain.inputs import inputs_of
from shared.bundle.keys import read_trusted
from shared.features.catalogue import CATALOGUE, catalogue_hash

FEATURES = [one.id for one in CATALOGUE]


@pytest.fixture(scope="module")
def starter() -> runtime.OnnxModel:
    settings = Settings()
    trusted = read_trusted(settings.trusted_keys_file)
    assert settings.bundle_dir == HOME / NAME
    return runtime.load(settings.bundle_dir, trusted, catalogue=catalogue_hash(), features=FEATURES)


def test_the_shipped_bundle_serves_this_catalogue(starter: runtime.OnnxModel) -> None:
    """Whoever changes the catalogue rebuilds: `python -m tools.build_starter_bundle`."""
    assert starter.manifest.features == FEATURES
    assert starter.manifest.data.kind == "simulated"


def test_its_card_says_what_it_is(starter: runtime.OnnxModel) -> None:
    """Simulated students, no real person, not beaten baselines: in words."""
    assert "simulated students only" in starter.card
    assert "logistic" in starter.card
    assert not any(word in starter.card for word in ("/work", "/home", "/tmp"))  # noqa: S108 - no path


def test_everything_missing_is_an_ordinary_question(starter: runtime.OnnxModel) -> None:
    """A student of whom nothing is known has a low, finite probability."""
    row = [None] * len(FEATURES)
    inputs = inputs_of([row], [row], [[0.0] * len(FEATURES)], len(FEATURES))
    chance = starter.run(inputs, explain=True).probability[0]
    assert 0.0 < chance < starter.manifest.thresholds.orange


@pytest.mark.timeout(300)
def test_a_rebuild_gives_the_same_bytes() -> None:
    """A small plan built twice: model, card and manifest are the same to the byte."""
    plan = Plan(students=160, teams=8, days=70, first_day=56, end_week=12)
    assert build(plan) == build(plan)


def test_the_figures_agree_with_hand_computed_ones() -> None:
    """ROC-AUC with a tie, average precision, and the calibration error of a constant."""
    score, label = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert roc_auc(score, label) == 0.875
    assert pr_auc(np.array([0.9, 0.8, 0.1]), np.array([True, False, True])) == pytest.approx(5 / 6)
    flat = np.full(1000, 0.25)
    truth = np.tile([True, False, False, False], 250)
    assert ece(flat, truth) < 0.01
