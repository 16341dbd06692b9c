"""The trained ensemble as plain arrays, and what it computes (numpy): the oracle of the export.

    z1 = W1 f + b1            [m members, h units]
    z2 = W2 act(z1) + b2      only with two hidden layers
    logit = mean over members of (u . f + a + v . act(z))

then `probability = sigmoid(logit / temperature + shift)`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Activation = Literal["sigmoid", "tanh", "silu"]


@dataclass(frozen=True)
class Weights:
    """`first` `[m, h, d]`, `second` `[m, g, h]` or none, `output` `[m, h or g]`, `skip` `[d]`.

    The linear paths of the members are kept as their mean, which is the same function.
    """

    activation: Activation
    first: Array
    first_bias: Array
    second: Array | None
    second_bias: Array | None
    output: Array
    skip: Array
    intercept: float
    temperature: float = 1.0
    shift: float = 0.0

    @property
    def members(self) -> int:
        return int(self.first.shape[0])


def act(kind: Activation, z: Array) -> Array:
    if kind == "tanh":
        return np.tanh(z)
    squashed: Array = 0.5 * (1.0 + np.tanh(0.5 * z))
    return squashed if kind == "sigmoid" else z * squashed


def logits(weights: Weights, inputs: Array) -> Array:
    """Return the untempered logits `[n]` of inputs `[n, d]`."""
    straight: Array = inputs @ weights.skip + weights.intercept
    if weights.members == 0:
        return straight
    hidden = act(
        weights.activation,
        np.einsum("nd,mhd->nmh", inputs, weights.first, optimize=True) + weights.first_bias,
    )
    if weights.second is not None:
        hidden = act(
            weights.activation,
            np.einsum("nmh,mgh->nmg", hidden, weights.second, optimize=True) + weights.second_bias,
        )
    bent: Array = np.einsum("nmh,mh->n", hidden, weights.output, optimize=True) / weights.members
    return straight + bent


def probability(weights: Weights, inputs: Array) -> Array:
    final = logits(weights, inputs) / weights.temperature + weights.shift
    result: Array = 0.5 * (1.0 + np.tanh(0.5 * final))
    return result


def told(weights: Weights) -> str:
    """Say in a line what the network is."""
    width = len(weights.skip)
    if not weights.members:
        return f"{width} inputs, a linear path; the hidden part did not earn its place"
    units = str(weights.first.shape[1])
    if weights.second is not None:
        units = f"{units} and {weights.second.shape[1]}"
    return (
        f"{width} inputs, a linear path beside {weights.members} members of {units} "
        f"{weights.activation} units, averaged; temperature {weights.temperature:.2f}"
    )
