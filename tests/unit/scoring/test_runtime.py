"""The graph in onnxruntime against the same network in numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle, a_model, a_network

from scoring.domain.inputs import Inputs, inputs_of
from scoring.runtime import OnnxModel, load
from shared.bundle.reading import BundleRefusedError
from training.export.vectors import columns_of
from training.network.weights import logits, probability
from training.preprocess.recipe import Recipe
from training.preprocess.recipe import inputs_of as network_inputs

WIDTH = len(FEATURES)
Array = NDArray[Any]


@pytest.fixture
def model(tmp_path: Path) -> OnnxModel:
    return load(a_bundle(tmp_path), TRUSTED, catalogue=CATALOGUE, features=FEATURES)


def some(count: int, seed: int = 5) -> Inputs:
    """Return random inputs with gaps."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, WIDTH)) * 3
    usual = rng.normal(size=(count, WIDTH))
    values[rng.random(values.shape) < 0.2] = np.nan
    usual[rng.random(usual.shape) < 0.3] = np.nan
    return Inputs(
        values.astype(np.float32), usual.astype(np.float32), np.ones_like(values, np.float32)
    )


def of_network(recipe: Recipe, values: Array, usual: Array) -> Array:
    """Return the network's own inputs `[n, 3k]` of values and usual values."""
    no_texts = np.zeros((len(values), 0), dtype=np.int32)
    return network_inputs(recipe, columns_of(values, usual), no_texts)


def test_the_graph_is_the_network(model: OnnxModel) -> None:
    """Onnxruntime and numpy agree within 1e-6, gaps included."""
    inputs, (recipe, weights) = some(500), a_network()
    want = probability(weights, of_network(recipe, inputs.values, inputs.usual))
    assert np.abs(model.run(inputs, explain=False).probability - want).max() < 1e-6


def test_contributions_add_up(model: OnnxModel) -> None:
    """They sum to the logit of the student minus that of the typical student, within 1e-5."""
    inputs, (recipe, weights) = some(500), a_network()
    output = model.run(inputs, explain=True)
    chance = output.probability.astype(np.float64)
    typical = np.full((1, WIDTH), np.nan)
    here = np.log(chance / (1 - chance))
    base = logits(weights, np.zeros((1, 3 * WIDTH)))
    sums = output.contributions.sum(axis=1)
    assert np.abs(sums - (here - base / weights.temperature)).max() < 1e-4
    assert of_network(recipe, typical, typical).shape == (1, 3 * WIDTH)


def test_a_typical_student_has_no_contributions(model: OnnxModel) -> None:
    """At the medians, as usual, nothing pulls either way."""
    center = a_network()[0].center[:WIDTH].astype(np.float32)[None, :]
    output = model.run(Inputs(center, center, np.ones_like(center)), explain=True)
    assert np.abs(output.contributions).max() < 1e-6


@pytest.mark.parametrize("explain", [True, False])
def test_a_score_does_not_depend_on_the_batch(model: OnnxModel, *, explain: bool) -> None:
    """One by one, in any batch and at any place in it: the same bits."""
    inputs = some(300)
    whole = model.run(inputs, explain=explain)
    for size in (1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 64, 100):
        for start in (0, 1, 150, 300 - size):
            rows = slice(start, start + size)
            part = model.run(
                Inputs(inputs.values[rows], inputs.usual[rows], inputs.coverage[rows]),
                explain=explain,
            )
            assert part.probability.tobytes() == whole.probability[rows].tobytes()
            if explain:
                assert part.contributions.tobytes() == whole.contributions[rows].tobytes()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_hostile_numbers_give_a_probability(model: OnnxModel, value: float) -> None:
    """Infinity is a large number, everything missing is an ordinary question."""
    row = np.full((1, WIDTH), value, dtype=np.float32)
    nothing = np.full((1, WIDTH), np.nan, dtype=np.float32)
    chance = model.run(Inputs(row, nothing, nothing), explain=False).probability[0]
    assert np.isnan(value) or np.isinf(value) or 0.0 <= chance <= 1.0
    assert not np.isnan(value) or 0.0 <= chance <= 1.0


def test_without_explanation_nothing_is_explained(model: OnnxModel) -> None:
    """The other branch of the graph gives an empty matrix."""
    assert model.run(some(3), explain=False).contributions.shape == (0, WIDTH)


def test_a_row_is_stacked_with_gaps() -> None:
    """None becomes NaN, an empty batch keeps its width, a huge number becomes infinite."""
    made = inputs_of([[1.0, None, 1e300]], [[None, None, 2.0]], [[1.0, 1.0, 1.0]], 3)
    assert made.values.dtype == np.float32
    assert np.isnan(made.values[0, 1])
    assert np.isinf(made.values[0, 2])
    assert inputs_of([], [], [], 3).values.shape == (0, 3)


def test_a_model_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """A signed file of rubbish is refused, not crashed upon."""
    folder = a_bundle(tmp_path, onnx=b"rubbish")
    with pytest.raises(BundleRefusedError, match="model"):
        load(folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES)


def test_other_inputs_are_refused_by_name(tmp_path: Path) -> None:
    """The refusal says which inputs and outputs were found."""
    shape: list[str | int | None] = ["n", WIDTH]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    made.ir_version = 10
    folder = a_bundle(tmp_path, onnx=made.SerializeToString())
    with pytest.raises(BundleRefusedError) as caught:
        load(folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES)
    assert caught.value.reason == "signature_of_model"
    assert "'x'" in caught.value.detail


def test_another_width_is_refused(tmp_path: Path) -> None:
    """A model of two indicators does not serve a catalogue of three."""
    folder = a_bundle(tmp_path, onnx=a_model(2))
    with pytest.raises(BundleRefusedError) as caught:
        load(folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES)
    assert caught.value.reason == "model"
