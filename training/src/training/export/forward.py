"""The ensemble as nodes: hidden layers of all members side by side, linear path, temperature."""

from training.export.nodes import Array, Nodes
from training.network.weights import Activation, Weights


def add_forward(g: Nodes, weights: Weights, mean: Array) -> None:
    """Add nodes from `raw` `[d, n]` to `chance` `[n]`; they name what the explanation uses.

    `mean` is that of the inputs in training, `[d]`: W (raw - mean) is W raw and a constant.
    """
    g.constant("skip", weights.skip[None, :])
    g.constant("intercept", weights.intercept - weights.skip @ mean)
    g.constant("temperature", weights.temperature)
    g.constant("shift", weights.shift)
    g.whole("first_axis", [0])
    logit = g.add("MatMul", ["skip", "raw"], "straight")
    if weights.members:
        logit = g.add("Add", ["straight", _hidden(g, weights, mean)], "both")
    g.add("Add", [logit, "intercept"], "logit")
    g.add("Div", ["logit", "temperature"], "tempered")
    g.add("Add", ["tempered", "shift"], "final")
    g.add("Sigmoid", ["final"], "chance_row")
    g.add("Squeeze", ["chance_row", "first_axis"], "chance")


def _hidden(g: Nodes, weights: Weights, mean: Array) -> str:
    members, units, width = weights.first.shape
    flat = weights.first.reshape(members * units, width)
    g.narrow("W1", flat)
    g.upright("b1_raw", weights.first_bias.reshape(-1) - flat @ mean)
    g.add("MatMul", ["W1", "raw"], "pushed_raw")
    g.add("Add", ["pushed_raw", "b1_raw"], "z1")
    out = add_activation(g, weights.activation, "z1", "h1")
    if weights.second is not None and weights.second_bias is not None:
        second = weights.second.shape[1]
        g.whole("by_member", [members, units, -1])
        g.whole("flat", [members * second, -1])
        g.constant("W2", weights.second)
        g.constant("b2", weights.second_bias[:, :, None])
        g.add("Reshape", [out, "by_member"], "h1_members")
        g.add("MatMul", ["W2", "h1_members"], "pushed2")
        g.add("Add", ["pushed2", "b2"], "z2")
        hidden = add_activation(g, weights.activation, "z2", "h2")
        out = g.add("Reshape", [hidden, "flat"], "h2_flat")
    g.constant("v", (weights.output / members).reshape(1, -1))
    return g.add("MatMul", ["v", out], "bent")


def add_activation(g: Nodes, kind: Activation, z: str, out: str) -> str:
    if kind == "tanh":
        return g.add("Tanh", [z], out)
    if kind == "sigmoid":
        return g.add("Sigmoid", [z], out)
    g.add("Sigmoid", [z], f"{out}_gate")
    return g.add("Mul", [z, f"{out}_gate"], out)
