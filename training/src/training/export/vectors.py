"""The graph that scoring serves: from a vector's matrices to probability and contributions.

Inputs are float32 `[n, k]` with NaN for missing: `values`, `usual` and `coverage` (which abstention
uses, not the network), and `explain`. The network's columns are the k values and then their k
deviations from the student's usual value, missing where either is. Contributions of both are summed
by indicator. Inside all numbers are float64, outputs are float32.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper

from training.export.explanation import add_explanation
from training.export.forward import add_forward
from training.export.graph import IR_VERSION, OPSET
from training.export.nodes import DOUBLE, Nodes
from training.export.preprocessing import add_inputs
from training.network.weights import Weights
from training.preprocess.recipe import Recipe

Array = NDArray[Any]


def columns_of(values: Array, usual: Array) -> Array:
    """Return the network's number columns `[n, 2k]`: what the graph computes first."""
    with np.errstate(over="ignore", invalid="ignore"):
        level = values.astype(np.float32).astype(np.float64)
        change = level - usual.astype(np.float32).astype(np.float64)
    return np.concatenate([level, change], axis=1)


def build(recipe: Recipe, weights: Weights, metadata: dict[str, str]) -> bytes:
    """Return the serialised model; the same weights give the same bytes."""
    size = len(recipe.center) // 2
    g = Nodes()
    g.add("Cast", ["values"], "level_wide", to=DOUBLE)
    g.add("Cast", ["usual"], "usual_wide", to=DOUBLE)
    g.add("Sub", ["level_wide", "usual_wide"], "change_wide")
    g.add("Concat", ["level_wide", "change_wide"], "numbers", axis=1)
    add_inputs(g, recipe)
    add_forward(g, weights)
    add_explanation(g, weights, recipe)
    _rename(g, {"probability": "chance_wide", "contributions": "by_column"})
    g.constant("by_indicator", np.tile(np.eye(size), (2, 1)))
    g.add("MatMul", ["by_column", "by_indicator"], "explained_wide")
    g.add("Cast", ["chance_wide"], "probability", to=TensorProto.FLOAT)
    g.add("Cast", ["explained_wide"], "contributions", to=TensorProto.FLOAT)
    return _serialised(g, size, metadata)


def _rename(g: Nodes, names: dict[str, str]) -> None:
    """Give outputs that are not the model's own any more another name."""
    for node in g.nodes:
        node.name = names.get(node.name, node.name)
        for place, name in enumerate(node.output):
            node.output[place] = names.get(name, name)


def _serialised(g: Nodes, size: int, metadata: dict[str, str]) -> bytes:
    info = helper.make_tensor_value_info
    taken = [info(n, TensorProto.FLOAT, ["n", size]) for n in ("values", "usual", "coverage")]
    given = [
        info("probability", TensorProto.FLOAT, ["n"]),
        info("contributions", TensorProto.FLOAT, ["m", size]),
    ]
    graph = helper.make_graph(
        g.nodes,
        "bp_network",
        [*taken, info("explain", TensorProto.BOOL, [])],
        given,
        initializer=g.constants,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lantern"
    )
    model.ir_version = IR_VERSION
    for key, value in sorted(metadata.items()):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))
