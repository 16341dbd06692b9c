"""Put the parts together and serialise; the same weights give the same bytes."""

from typing import Any

from onnx import TensorProto, checker, helper

from training.export.explanation import add_explanation
from training.export.forward import add_forward
from training.export.nodes import DOUBLE, Nodes
from training.export.preprocessing import add_inputs
from training.network.weights import Weights
from training.preprocess.recipe import Recipe

OPSET = 20
IR_VERSION = 10


def build(recipe: Recipe, weights: Weights) -> bytes:
    """Return the model: `numbers` and `codes` (kept levels by place, else -1) to probability."""
    g = Nodes()
    add_inputs(g, recipe)
    add_forward(g, weights)
    add_explanation(g, weights, recipe)
    graph = helper.make_graph(
        g.nodes, "bp_network", _taken(recipe), _given(recipe), initializer=g.constants
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lantern"
    )
    model.ir_version = IR_VERSION
    for key, value in _metadata(recipe, weights).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _taken(recipe: Recipe) -> list[Any]:
    info = helper.make_tensor_value_info
    numbers = [info("numbers", DOUBLE, ["n", len(recipe.center)])] if len(recipe.center) else []
    codes = [info("codes", TensorProto.INT64, ["n", len(recipe.kept)])] if recipe.kept else []
    return [*numbers, *codes, info("explain", TensorProto.BOOL, [])]


def _given(recipe: Recipe) -> list[Any]:
    info = helper.make_tensor_value_info
    return [
        info("probability", DOUBLE, ["n"]),
        info("contributions", DOUBLE, ["m", recipe.columns]),
    ]


def _metadata(recipe: Recipe, weights: Weights) -> dict[str, str]:
    layers = 0 if not weights.members else 1 if weights.second is None else 2
    return {
        "opset": str(OPSET),
        "inputs": str(recipe.width),
        "members": str(weights.members),
        "hidden_layers": str(layers),
        "activation": weights.activation,
        "explanation": "integrated gradients from the typical row; sums to the change of the logit",
    }
