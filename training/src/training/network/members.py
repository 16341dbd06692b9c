"""The members as one torch module: batched matrices, so that folds and seeds train together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.network.weights import Activation

Array = NDArray[Any]


@dataclass(frozen=True)
class Shape:
    """Hidden units of the first and (0: none) second layer."""

    hidden: int = 32
    second: int = 0
    activation: Activation = "silu"
    dropout: float = 0.2


class Members(nn.Module):
    """`forward` maps inputs `[n, d]` to logits `[n, m]`; the hidden part starts at nothing."""

    def __init__(self, shape: Shape, skip: Array, intercept: Array, seed: int) -> None:
        super().__init__()
        members, width = skip.shape
        maker = torch.Generator().manual_seed(seed)
        kind = torch.get_default_dtype()

        def drawn(*size: int, fan: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(*size, generator=maker, dtype=kind) / fan**0.5)

        self.shape = shape
        last = shape.second or shape.hidden
        self.first = drawn(members, shape.hidden, width, fan=width)
        bias = torch.rand(members, shape.hidden, generator=maker, dtype=kind) * 2 - 1
        self.first_bias = nn.Parameter(bias)
        if shape.second:
            self.second = drawn(members, shape.second, shape.hidden, fan=shape.hidden)
            self.second_bias = nn.Parameter(torch.zeros(members, shape.second, dtype=kind))
        self.output = nn.Parameter(torch.zeros(members, last, dtype=kind))
        self._start = torch.as_tensor(skip, dtype=kind)
        self.skip_move = nn.Parameter(torch.zeros(members, width, dtype=kind))
        self.intercept = nn.Parameter(torch.as_tensor(intercept, dtype=kind).clone())
        self._drops = torch.Generator().manual_seed(seed + 1)

    @property
    def skip(self) -> Tensor:
        return self._start + self.skip_move

    def forward(self, inputs: Tensor) -> Tensor:
        width = inputs.shape[1]
        z = (inputs @ self.first.reshape(-1, width).T).reshape(len(inputs), *self.first_bias.shape)
        hidden = self._drop(activate(self.shape.activation, z + self.first_bias))
        if self.shape.second:
            z = torch.einsum("nmh,mgh->nmg", hidden, self.second) + self.second_bias
            hidden = self._drop(activate(self.shape.activation, z))
        bent = (hidden * self.output).sum(dim=2)
        return inputs @ self.skip.T + self.intercept + bent

    def _drop(self, hidden: Tensor) -> Tensor:
        if not self.training or self.shape.dropout == 0.0:
            return hidden
        keep = 1.0 - self.shape.dropout
        mask = torch.rand(hidden.shape, generator=self._drops, dtype=hidden.dtype) < keep
        return hidden * mask / keep

    def snapshot(self) -> dict[str, Array]:
        """Return all parameters as float64 arrays."""
        found = {n: p.detach().numpy().astype(np.float64) for n, p in self.named_parameters()}
        found["skip"] = self.skip.detach().numpy().astype(np.float64)
        return found


def activate(kind: Activation, z: Tensor) -> Tensor:
    if kind == "tanh":
        return torch.tanh(z)
    return torch.sigmoid(z) if kind == "sigmoid" else nn.functional.silu(z)
