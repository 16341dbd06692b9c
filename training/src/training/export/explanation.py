"""Integrated gradients from the typical row (all inputs zero) as nodes, summed by column.

One hidden layer: exact, for any activation. Along the straight line z moves from b to W f + b, so
the mean of act'(z) is (act(z) - act(b)) / (z - b); where that divides by almost nothing, act'
halfway.
Two hidden layers: Gauss-Legendre quadrature with 24 points along the line, all points at once.
The contributions add up to the final logit less that of the typical row.
"""

import numpy as np
from onnx import helper, numpy_helper

from training.export.forward import add_activation
from training.export.nodes import Nodes
from training.network.weights import Activation, Weights, act
from training.preprocess.recipe import Recipe

NEAR = 1e-4
POINTS = 24


def add_explanation(g: Nodes, weights: Weights, recipe: Recipe) -> None:
    """Add `by_column`: `[columns, n]` when `explain`, else `[columns, 0]`."""
    shape: list[str | int | None] = [recipe.columns, "m"]
    then = Nodes()
    then.upright("mean", recipe.mean)
    then.add("Sub", ["raw", "mean"], "f")
    gradient = _gradient(then, weights)
    owner = np.zeros((recipe.columns, recipe.width))
    owner[recipe.owner, np.arange(recipe.width)] = 1.0
    then.constant("owner", owner)
    then.add("Mul", ["f", gradient], "product")
    then.add("Div", ["product", "temperature"], "each")
    then.add("MatMul", ["owner", "each"], "explained")
    silent = Nodes()
    nothing = numpy_helper.from_array(np.zeros((recipe.columns, 0)), "nothing")
    silent.add("Constant", [], "unexplained", value=nothing)
    g.nodes.append(
        helper.make_node(
            "If",
            ["explain"],
            ["by_column"],
            name="by_column",
            then_branch=then.branch("explaining", "explained", shape),
            else_branch=silent.branch("silent", "unexplained", shape),
        )
    )


def _gradient(g: Nodes, weights: Weights) -> str:
    """Add the mean gradient along the line, `[d, n]` (or `[d, 1]` where it is the same for all)."""
    g.upright("skip_upright", weights.skip)
    if not weights.members:
        return "skip_upright"
    g.constant("unit", 1.0)
    pushed = _exact(g, weights) if weights.second is None else _by_points(g, weights)
    g.add("Transpose", ["W1"], "W1_back", perm=[1, 0])
    g.add("MatMul", ["W1_back", pushed], "through")
    return g.add("Add", ["through", "skip_upright"], "gradient")


def _exact(g: Nodes, weights: Weights) -> str:
    g.upright("b1", weights.first_bias.reshape(-1))
    g.add("Sub", ["z1", "b1"], "pushed")
    g.upright("act_b", act(weights.activation, weights.first_bias).reshape(-1))
    g.upright("v_upright", (weights.output / weights.members).reshape(-1))
    g.constant("near", NEAR)
    g.constant("half", 0.5)
    g.add("Sub", ["h1", "act_b"], "rise")
    g.add("Abs", ["pushed"], "distance")
    g.add("Less", ["distance", "near"], "is_near")
    g.add("Where", ["is_near", "unit", "pushed"], "divisor")
    g.add("Div", ["rise", "divisor"], "quotient")
    g.add("Mul", ["pushed", "half"], "half_way")
    g.add("Add", ["half_way", "b1"], "middle")
    slope = _slope(g, weights.activation, "middle", "middle")
    g.add("Where", ["is_near", slope, "quotient"], "mean_slope")
    return g.add("Mul", ["mean_slope", "v_upright"], "mean_push")


def _by_points(g: Nodes, weights: Weights) -> str:
    members, units = weights.first_bias.shape
    g.upright("b1", weights.first_bias.reshape(-1))
    g.add("Sub", ["z1", "b1"], "pushed")
    at, share = np.polynomial.legendre.leggauss(POINTS)
    g.constant("at", (0.5 * (at + 1.0)).reshape(-1, 1, 1))
    g.constant("share", (0.5 * share).reshape(-1, 1, 1))
    g.whole("points_by_member", [POINTS, members, units, -1])
    g.whole("points_flat", [POINTS, members * units, -1])
    g.whole("points_axis", [0])
    g.constant("v_members", (weights.output / members)[:, :, None])
    g.add("Mul", ["at", "pushed"], "pushed_at")  # [points, m * h, n]
    g.add("Add", ["pushed_at", "b1"], "z1_at")
    first = add_activation(g, weights.activation, "z1_at", "h1_at")
    g.add("Reshape", [first, "points_by_member"], "h1_at_members")
    g.add("MatMul", ["W2", "h1_at_members"], "pushed2_at")
    g.add("Add", ["pushed2_at", "b2"], "z2_at")
    slope = _slope(g, weights.activation, "z2_at", "second")
    g.add("Mul", [slope, "v_members"], "back2")
    g.add("Transpose", ["W2"], "W2_back", perm=[0, 2, 1])
    g.add("MatMul", ["W2_back", "back2"], "back1")
    g.add("Reshape", ["back1", "points_flat"], "back1_flat")
    slope = _slope(g, weights.activation, "z1_at", "first")
    g.add("Mul", [slope, "back1_flat"], "push_at")
    g.add("Mul", ["push_at", "share"], "push_weighted")
    return g.add("ReduceSum", ["push_weighted", "points_axis"], "mean_push", keepdims=0)


def _slope(g: Nodes, kind: Activation, z: str, name: str) -> str:
    """Add the derivative of the activation at z."""
    if kind == "tanh":
        g.add("Tanh", [z], f"{name}_t")
        g.add("Mul", [f"{name}_t", f"{name}_t"], f"{name}_square")
        return g.add("Sub", ["unit", f"{name}_square"], f"{name}_slope")
    g.add("Sigmoid", [z], f"{name}_s")
    g.add("Sub", ["unit", f"{name}_s"], f"{name}_rest")
    if kind == "sigmoid":
        return g.add("Mul", [f"{name}_s", f"{name}_rest"], f"{name}_slope")
    g.add("Mul", [z, f"{name}_rest"], f"{name}_inner")
    g.add("Add", [f"{name}_inner", "unit"], f"{name}_outer")
    return g.add("Mul", [f"{name}_s", f"{name}_outer"], f"{name}_slope")
