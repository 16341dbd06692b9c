"""The export: put the parts together and serialise; the same weights give the same bytes."""

from onnx import checker, helper

from training.export.explanation import add_explanation
from training.export.forward import add_forward
from training.export.interface import Interface
from training.export.nodes import Nodes
from training.export.preprocessing import add_inputs
from training.export.tables import FLAT
from training.network.weights import Weights
from training.preprocess.recipe import Recipe

OPSET = 20
IR_VERSION = 10


def build(recipe: Recipe, weights: Weights, interface: Interface = FLAT) -> bytes:
    """Return the model behind a door: by default that of a flat table."""
    g = Nodes()
    interface.enter(g, recipe)
    add_inputs(g, recipe)
    add_forward(g, weights, recipe.mean)
    add_explanation(g, weights, recipe)
    interface.leave(g, recipe)
    graph = helper.make_graph(
        g.nodes,
        "bp_network",
        [port.info for port in interface.takes(recipe)],
        [port.info for port in interface.gives(recipe)],
        initializer=g.constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lantern"
    )
    model.ir_version = IR_VERSION
    for key, value in _metadata(recipe, weights, interface).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _metadata(recipe: Recipe, weights: Weights, interface: Interface) -> dict[str, str]:
    layers = 0 if not weights.members else 1 if weights.second is None else 2
    return {
        "opset": str(OPSET),
        "inputs": str(recipe.width),
        "members": str(weights.members),
        "hidden_layers": str(layers),
        "activation": weights.activation,
        "explanation": f"integrated gradients from the typical {interface.typical}; sums to the "
        "change of the logit",
    }
