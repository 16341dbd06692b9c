"""A BP network in numpy and as one ONNX graph, for bundles that only tests serve.

It cleans, scales, has a hidden layer and a temperature, and explains. `training` makes our models.

Inputs `values`, `usual` and `coverage` are float32 `[n, k]` with NaN for missing, `explain` is a
boolean. Outputs are `probability` `[n]` and `contributions` `[n, k]` (`[0, k]` when not asked for).

Each indicator becomes three numbers: its scaled value, its scaled deviation from the student's
usual value (from the population's median where the student has none: the cohort fallback), and 1
where it is missing. Scaled numbers are softly clipped by `c * softsign(x / c)`. Then

    z = W f + b,  logit = v . sigmoid(z) + u . f + a,  probability = sigmoid(logit / T)

Contributions are integrated gradients from the typical student (f = 0), which are exact for one
sigmoid layer: f_j (u_j + sum_h v_h W_hj q_h) / T with q_h = (s(z_h) - s(b_h)) / (z_h - b_h), and
s'(midpoint) where |z - b| < 0.01. They add up to logit / T minus that of the typical student.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 20
SOFT_CLIP = 4.0
NEAR = 0.01
Array = NDArray[Any]


@dataclass(frozen=True)
class Network:
    """Parameters; `hidden` is W `[h, 3k]`, `skip` is u `[3k]`; blocks value, deviation, missing."""

    center: Array
    scale: Array
    spread: Array
    hidden: Array
    bias: Array
    output: Array
    skip: Array
    intercept: float
    temperature: float


def inputs_of(network: Network, values: Array, usual: Array) -> Array:
    """Return f `[n, 3k]` in float64: what the graph computes first."""
    missing = np.isnan(values)
    filled = np.where(missing, network.center, values)
    reference = np.where(np.isnan(usual), network.center, usual)
    level = _soft((filled - network.center) / network.scale)
    change = np.where(missing, 0.0, _soft((filled - reference) / network.spread))
    return np.concatenate([level, change, missing.astype(np.float64)], axis=1)


def probability(network: Network, values: Array, usual: Array) -> Array:
    """Return the calibrated probability in float64: what the graph computes in float32."""
    f = inputs_of(network, values, usual)
    bent = _sigmoid(f @ network.hidden.T + network.bias) @ network.output
    return _sigmoid((bent + f @ network.skip + network.intercept) / network.temperature)


def _sigmoid(x: Array) -> Array:
    squashed: Array = 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))
    return squashed


def _soft(scaled: Array) -> Array:
    part = scaled / SOFT_CLIP
    clipped: Array = SOFT_CLIP * part / (1.0 + np.abs(part))
    return clipped


class _Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Array | float) -> str:
        array = np.asarray(value, dtype=np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def whole(self, name: str, value: list[int]) -> str:
        self.constants.append(numpy_helper.from_array(np.array(value, dtype=np.int64), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output


def build(network: Network, features: list[str]) -> bytes:
    """Return the serialised model."""
    size = len(features)
    graph = _Graph()
    _inputs(graph, network)
    _forward(graph, network)
    _explanation(graph, network, size)
    columns: list[str | int | None] = ["n", size]
    matrices = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, columns)
        for name in ("values", "usual", "coverage")
    ]
    explain = helper.make_tensor_value_info("explain", TensorProto.BOOL, [])
    probability = helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n"])
    shares = helper.make_tensor_value_info("contributions", TensorProto.FLOAT, ["m", size])
    made = helper.make_graph(
        graph.nodes,
        "bp_network",
        [*matrices, explain],
        [probability, shares],
        initializer=graph.constants,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lantern"
    )
    model.ir_version = 10
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _inputs(g: _Graph, network: Network) -> None:
    g.constant("center", network.center)
    g.constant("one_scale", 1.0 / (network.scale * SOFT_CLIP))
    g.constant("one_spread", 1.0 / (network.spread * SOFT_CLIP))
    g.constant("clip", SOFT_CLIP)
    g.constant("zero", 0.0)
    g.add("IsNaN", ["values"], "missing")
    g.add("IsNaN", ["usual"], "unusual")
    g.add("Where", ["missing", "center", "values"], "filled")
    g.add("Where", ["unusual", "center", "usual"], "reference")
    g.add("Sub", ["filled", "center"], "from_center")
    g.add("Mul", ["from_center", "one_scale"], "level_part")
    g.add("Softsign", ["level_part"], "level_soft")
    g.add("Mul", ["level_soft", "clip"], "level")
    g.add("Sub", ["filled", "reference"], "from_usual")
    g.add("Mul", ["from_usual", "one_spread"], "change_part")
    g.add("Softsign", ["change_part"], "change_soft")
    g.add("Mul", ["change_soft", "clip"], "change_all")
    g.add("Where", ["missing", "zero", "change_all"], "change")
    g.add("Cast", ["missing"], "gap", to=TensorProto.FLOAT)
    g.add("Concat", ["level", "change", "gap"], "f", axis=1)


def _forward(g: _Graph, network: Network) -> None:
    g.constant("W_t", network.hidden.T)
    g.constant("b", network.bias)
    g.constant("v", network.output[:, None])
    g.constant("u", network.skip[:, None])
    g.constant("a", network.intercept)
    g.constant("one_T", 1.0 / network.temperature)
    g.whole("last", [1])
    g.add("Gemm", ["f", "W_t", "b"], "z")
    g.add("Sigmoid", ["z"], "s")
    g.add("MatMul", ["s", "v"], "bent")
    g.add("MatMul", ["f", "u"], "straight")
    g.add("Add", ["bent", "straight"], "both")
    g.add("Add", ["both", "a"], "logit")
    g.add("Mul", ["logit", "one_T"], "tempered")
    g.add("Sigmoid", ["tempered"], "chance")
    g.add("Squeeze", ["chance", "last"], "probability")


def _explanation(g: _Graph, network: Network, size: int) -> None:
    """Add an `If`: the closed form, or an empty matrix."""
    g.constant("s_b", 1.0 / (1.0 + np.exp(-network.bias)))
    g.constant("v_row", network.output)
    g.constant("W", network.hidden)
    g.constant("u_row", network.skip)
    g.constant("near", NEAR)
    g.constant("half", 0.5)
    g.constant("unit", 1.0)
    g.whole("blocks", [-1, 3, size])
    g.whole("block_axis", [1])
    then = _Graph()
    then.add("Sub", ["z", "b"], "gap_z")
    then.add("Sub", ["s", "s_b"], "gap_s")
    then.add("Abs", ["gap_z"], "far")
    then.add("Less", ["far", "near"], "is_near")
    then.add("Where", ["is_near", "unit", "gap_z"], "divisor")
    then.add("Div", ["gap_s", "divisor"], "quotient")
    then.add("Add", ["z", "b"], "sum_z")
    then.add("Mul", ["sum_z", "half"], "middle")
    then.add("Sigmoid", ["middle"], "s_middle")
    then.add("Sub", ["unit", "s_middle"], "rest")
    then.add("Mul", ["s_middle", "rest"], "slope")
    then.add("Where", ["is_near", "slope", "quotient"], "q")
    then.add("Mul", ["q", "v_row"], "q_v")
    then.add("MatMul", ["q_v", "W"], "through")
    then.add("Add", ["through", "u_row"], "gradient")
    then.add("Mul", ["f", "gradient"], "product")
    then.add("Mul", ["product", "one_T"], "each")
    then.add("Reshape", ["each", "blocks"], "in_blocks")
    then.add("ReduceSum", ["in_blocks", "block_axis"], "explained", keepdims=0)
    otherwise = _Graph()
    empty = numpy_helper.from_array(np.zeros((0, size), dtype=np.float32), "nothing")
    otherwise.add("Constant", [], "unexplained", value=empty)
    g.nodes.append(
        helper.make_node(
            "If",
            ["explain"],
            ["contributions"],
            name="contributions",
            then_branch=_branch("explaining", then, "explained", size),
            else_branch=_branch("silent", otherwise, "unexplained", size),
        )
    )


def _branch(name: str, graph: _Graph, output: str, size: int) -> Any:
    shape = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["m", size])
    return helper.make_graph(graph.nodes, name, [], [shape], initializer=graph.constants)
