"""The ensemble as nodes: hidden layers of all members side by side, linear path, temperature."""

from training.export.nodes import Nodes
from training.network.weights import Activation, Weights


def add_forward(g: Nodes, weights: Weights) -> None:
    """Add nodes from `f` to `chance`; they name what the explanation uses."""
    g.constant("skip", weights.skip[:, None])
    g.constant("intercept", weights.intercept)
    g.constant("temperature", weights.temperature)
    g.constant("shift", weights.shift)
    logit = g.add("MatMul", ["f", "skip"], "straight")
    if weights.members:
        logit = g.add("Add", ["straight", _hidden(g, weights)], "both")
    g.add("Add", [logit, "intercept"], "logit")
    g.add("Div", ["logit", "temperature"], "tempered")
    g.add("Add", ["tempered", "shift"], "final")
    g.add("Sigmoid", ["final"], "chance_column")
    g.add("Squeeze", ["chance_column", "last_axis"], "chance")


def _hidden(g: Nodes, weights: Weights) -> str:
    members, units, width = weights.first.shape
    flat = weights.first.reshape(members * units, width)
    g.narrow("W1", flat)
    g.constant("b1", weights.first_bias.reshape(-1))
    g.add("Gemm", ["f", "W1"], "pushed", transB=1)
    g.add("Add", ["pushed", "b1"], "z1")
    out = add_activation(g, weights.activation, "z1", "h1")
    if weights.second is not None and weights.second_bias is not None:
        second = weights.second.shape[1]
        g.whole("by_member", [-1, members, 1, units])
        g.whole("flat", [-1, members * second])
        g.constant("W2_t", weights.second.transpose(0, 2, 1))
        g.constant("W2", weights.second)
        g.constant("b2", weights.second_bias[:, None, :])
        g.add("Reshape", [out, "by_member"], "h1_members")
        g.add("MatMul", ["h1_members", "W2_t"], "pushed2")
        g.add("Add", ["pushed2", "b2"], "z2")
        hidden = add_activation(g, weights.activation, "z2", "h2")
        out = g.add("Reshape", [hidden, "flat"], "h2_flat")
    g.constant("v", (weights.output / members).reshape(-1, 1))
    return g.add("MatMul", [out, "v"], "bent")


def add_activation(g: Nodes, kind: Activation, z: str, out: str) -> str:
    if kind == "tanh":
        return g.add("Tanh", [z], out)
    if kind == "sigmoid":
        return g.add("Sigmoid", [z], out)
    g.add("Sigmoid", [z], f"{out}_gate")
    return g.add("Mul", [z, f"{out}_gate"], out)
