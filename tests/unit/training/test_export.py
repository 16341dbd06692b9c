"""The ONNX file says what torch says, and explains it exactly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from captum.attr import IntegratedGradients
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.helpers.flat_tables import a_recipe, hostile, some_weights

from training.export.graph import OPSET, build
from training.export.interface import Interface
from training.export.tables import FLAT
from training.export.torch_network import TorchNetwork, probabilities
from training.export.vectors import VECTOR
from training.network.weights import Activation, Weights
from training.preprocess.recipe import Recipe

pytestmark = pytest.mark.training
RECIPE = a_recipe()
ONNX_NAMES = {
    "float64": "tensor(double)", "float32": "tensor(float)", "int64": "tensor(int64)",
    "bool": "tensor(bool)",
}  # fmt: skip
FORMS: list[tuple[Activation, bool]] = [
    ("sigmoid", False), ("tanh", False), ("silu", False), ("sigmoid", True), ("silu", True),
]  # fmt: skip


def error(weights: Weights) -> float:
    """Return what is allowed: rounding for one layer, quadrature for two."""
    return 1e-6 if weights.second is None else 1e-3


class Session:
    """A graph in onnxruntime."""

    def __init__(self, recipe: Recipe, weights: Weights) -> None:
        self._session = ort.InferenceSession(
            build(recipe, weights), providers=["CPUExecutionProvider"]
        )

    def __call__(self, numbers: Any, codes: Any, *, explain: bool = True) -> tuple[Any, Any]:
        feeds = {"numbers": numbers, "codes": codes, "explain": np.array(explain)}
        probability, contributions = self._session.run(None, feeds)
        return probability, contributions


def rows(count: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(count, 4)) * [1, 10, 0.1, 1000]
    numbers[rng.random(numbers.shape) < 0.2] = np.nan
    return numbers, rng.integers(-1, 7, size=(count, 1))


@pytest.fixture(scope="module", params=FORMS, ids=lambda form: f"{form[0]}-{1 + form[1]}")
def pair(request: pytest.FixtureRequest) -> tuple[Weights, Session]:
    """Return weights and their session, in each form."""
    activation, second = request.param
    weights = some_weights(RECIPE, activation, second=second)
    return weights, Session(RECIPE, weights)


def test_parity(pair: tuple[Weights, Session]) -> None:
    """Torch and onnxruntime agree to 1e-6, on rows of all kinds and on hostile ones."""
    weights, session = pair
    numbers, codes = rows(500)
    bad = hostile(4)
    numbers = np.vstack([numbers, bad])
    codes = np.vstack(
        [codes, np.resize(np.array([[0], [-1], [10**12], [-(10**12)]]), (len(bad), 1))]
    )
    found, shares = session(numbers, codes)
    assert np.isfinite(found).all()
    assert np.isfinite(shares).all()
    assert np.abs(found - probabilities(RECIPE, weights, numbers, codes)).max() <= 1e-6


def test_adds_up(pair: tuple[Weights, Session]) -> None:
    """Contributions add up to the logit less that of the typical row."""
    weights, session = pair
    numbers, codes = rows(300, seed=1)
    probability, shares = session(numbers, codes)
    model = TorchNetwork(RECIPE, weights)
    typical = float(model.from_inputs(torch.zeros(1, RECIPE.width, dtype=torch.float64)))
    logit = np.log(probability / (1 - probability))
    assert np.abs(shares.sum(axis=1) - (logit - typical)).max() <= error(weights)


def test_captum(pair: tuple[Weights, Session]) -> None:
    """Contributions are the integrated gradients of a reference library, summed by column."""
    weights, session = pair
    numbers, codes = rows(20, seed=2)
    model = TorchNetwork(RECIPE, weights)
    inputs = model.inputs(torch.as_tensor(numbers), torch.as_tensor(codes))
    oracle = IntegratedGradients(model.from_inputs).attribute(
        inputs, torch.zeros_like(inputs), n_steps=200, method="gausslegendre"
    )
    summed = np.zeros((20, RECIPE.columns))
    np.add.at(summed.T, RECIPE.owner, oracle.numpy().T)
    assert np.abs(session(numbers, codes)[1] - summed).max() <= error(weights)


def test_near_the_typical_row() -> None:
    """Where the closed form would divide by nothing, it still agrees with autograd."""
    weights = some_weights(RECIPE, "tanh")
    model = TorchNetwork(RECIPE, weights)
    numbers = RECIPE.center[None, :] + np.array([[0.0], [1e-9], [1e-7]]) * RECIPE.scale
    codes = np.zeros((3, 1), dtype=np.int64)
    first = model.inputs(torch.as_tensor(numbers[:1]), torch.as_tensor(codes[:1]))
    flat = replace(RECIPE, mean=first.numpy()[0] + RECIPE.mean)
    shares = Session(flat, weights)(numbers, codes)[1]
    inputs = TorchNetwork(flat, weights).inputs(torch.as_tensor(numbers), torch.as_tensor(codes))
    start = torch.zeros(1, flat.width, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(model.from_inputs(start).sum(), start)[0]
    expected = np.zeros((3, flat.columns))
    np.add.at(expected.T, flat.owner, (inputs * slope).detach().numpy().T)
    assert np.abs(shares - expected).max() <= 1e-9


def test_silent(pair: tuple[Weights, Session]) -> None:
    """Without being asked the graph explains nothing, and says the same."""
    _, session = pair
    numbers, codes = rows(9)
    quiet, none = session(numbers, codes, explain=False)
    assert none.shape == (0, RECIPE.columns)
    assert np.array_equal(quiet, session(numbers, codes)[0])


@settings(max_examples=40)
@given(arrays(np.float64, (3, 4), elements=st.floats(allow_nan=True, allow_infinity=True)),
       arrays(np.int64, (3, 1)))  # fmt: skip
def test_any_numbers(numbers: Any, codes: Any) -> None:
    """No number and no code breaks the graph or parts it from torch."""
    found, shares = SESSION(numbers, codes)
    assert np.isfinite(shares).all()
    assert np.abs(found - probabilities(RECIPE, WEIGHTS, numbers, codes)).max() <= 1e-6


WEIGHTS = some_weights(RECIPE)
SESSION = Session(RECIPE, WEIGHTS)


def test_batches() -> None:
    """A row alone and among others gets the same answer; no rows are no error."""
    numbers, codes = rows(50)
    together = SESSION(numbers, codes)[0]
    alone = np.concatenate([SESSION(numbers[i : i + 1], codes[i : i + 1])[0] for i in range(50)])
    assert np.abs(together - alone).max() <= 1e-12
    assert SESSION(numbers[:0], codes[:0])[0].shape == (0,)


def test_only_linear() -> None:
    """Without a hidden part the contributions are weight times input."""
    weights = Weights("sigmoid", np.zeros((0, 1, RECIPE.width)), np.zeros((0, 1)), None, None,
                      np.zeros((0, 1)), np.arange(RECIPE.width) / 10, 0.2)  # fmt: skip
    numbers, codes = rows(30)
    found, shares = Session(RECIPE, weights)(numbers, codes)
    assert np.abs(found - probabilities(RECIPE, weights, numbers, codes)).max() <= 1e-12
    assert shares.shape == (30, RECIPE.columns)


def test_the_file() -> None:
    """The same weights give the same bytes; the file says what it is."""
    first, again = build(RECIPE, WEIGHTS), build(RECIPE, WEIGHTS)
    assert first == again
    model = onnx.load_from_string(first)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert model.opset_import[0].version == OPSET == int(told["opset"])
    assert (told["members"], told["hidden_layers"], told["activation"]) == ("3", "1", "silu")


@pytest.mark.parametrize("door", [FLAT, VECTOR], ids=["table", "vector"])
def test_a_door_is_described_once(door: Interface) -> None:
    """The graph's ports are those described, and the README says of each what the code says."""
    texts = len(RECIPE.kept[0]) + 1
    numbers_only = replace(RECIPE, kept=[], mean=RECIPE.mean[:-texts])
    recipe = RECIPE if door is FLAT else numbers_only
    session = ort.InferenceSession(
        build(recipe, some_weights(recipe), door), providers=["CPUExecutionProvider"]
    )
    readme = (Path(__file__).parents[3] / "training" / "README.md").read_text(encoding="utf-8")
    for ports, found in (
        (door.takes(recipe), session.get_inputs()),
        (door.gives(recipe), session.get_outputs()),
    ):
        described = [(p.name, list(p.shape), ONNX_NAMES[p.type]) for p in ports]
        assert described == [(one.name, one.shape, one.type) for one in found]
        for port in ports:
            row = next(
                line
                for line in readme.splitlines()
                if line.startswith(f"| `{port.name}` | {port.type}") and port.meaning in line
            )
            assert row.endswith(" |")
