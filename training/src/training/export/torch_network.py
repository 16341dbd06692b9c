"""The same computation in torch, float64: what the graph is compared with, also by autograd."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.network.members import activate
from training.network.weights import Weights
from training.preprocess.recipe import LARGEST, SOFT_CLIP, Recipe

Array = NDArray[Any]


class TorchNetwork(nn.Module):
    """From numbers and codes to the final logit; `inputs` and `from_inputs` are its two halves."""

    def __init__(self, recipe: Recipe, weights: Weights) -> None:
        super().__init__()
        self._recipe = recipe
        self._weights = weights

    def inputs(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Return the inputs `[n, d]`, zero at the typical row."""
        recipe = self._recipe
        center = _double(recipe.center)
        missing = torch.isnan(numbers)
        filled = torch.where(missing, center, numbers.clamp(-LARGEST, LARGEST))
        part = (filled - center) / (_double(recipe.scale) * SOFT_CLIP)
        level = SOFT_CLIP * nn.functional.softsign(part)
        marks = missing[:, _whole(recipe.gaps)].double()
        spread = filled[:, _whole(recipe.bin_of)] - _double(recipe.bin_low)
        bins = (spread / _double(recipe.bin_width)).clamp(0.0, 1.0)
        texts = [_one_hot(codes[:, q], len(kept)) for q, kept in enumerate(recipe.kept)]
        return torch.cat([level, marks, bins, *texts], dim=1) - _double(recipe.mean)

    def from_inputs(self, inputs: Tensor) -> Tensor:
        """Return the final logit `[n]`."""
        own = self._weights
        logit = inputs @ _double(own.skip) + own.intercept
        if own.members:
            z = torch.einsum("nd,mhd->nmh", inputs, _double(own.first)) + _double(own.first_bias)
            hidden = activate(own.activation, z)
            if own.second is not None and own.second_bias is not None:
                z = torch.einsum("nmh,mgh->nmg", hidden, _double(own.second))
                hidden = activate(own.activation, z + _double(own.second_bias))
            logit = logit + (hidden * _double(own.output)).sum(dim=(1, 2)) / own.members
        return logit / own.temperature + own.shift

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        return self.from_inputs(self.inputs(numbers, codes))


def probabilities(recipe: Recipe, weights: Weights, numbers: Array, codes: Array) -> Array:
    """Return what torch says of numbers and codes (kept levels by place, else -1)."""
    with torch.no_grad():
        logit = TorchNetwork(recipe, weights)(_double(numbers), _whole(codes))
    return np.asarray(torch.sigmoid(logit).numpy())


def _one_hot(codes: Tensor, kept: int) -> Tensor:
    index = torch.where((codes < 0) | (codes >= kept), kept, codes)
    return nn.functional.one_hot(index, kept + 1).double()


def _double(array: Array) -> Tensor:
    return torch.as_tensor(np.array(array), dtype=torch.float64)


def _whole(array: Array) -> Tensor:
    return torch.as_tensor(np.array(array), dtype=torch.int64)
