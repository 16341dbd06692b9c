"""The door of the model that scoring serves: a vector's matrices as they come off the wire."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.export.interface import CONTRIBUTIONS, EXPLAIN, FLOAT, PROBABILITY, Port
from training.export.nodes import DOUBLE, Nodes
from training.preprocess.recipe import Recipe

Array = NDArray[Any]


def columns_of(values: Array, usual: Array) -> Array:
    """Return the network's number columns `[n, 2k]`: what the graph computes first."""
    with np.errstate(over="ignore", invalid="ignore"):
        level = values.astype(np.float32).astype(np.float64)
        change = level - usual.astype(np.float32).astype(np.float64)
    return np.concatenate([level, change], axis=1)


@dataclass(frozen=True)
class Vector:
    """The network's columns are k values, then their k deviations, missing where either is."""

    typical: str = "student"

    def takes(self, recipe: Recipe) -> list[Port]:
        shape = ("n", _size(recipe))
        return [
            Port("values", FLOAT, shape, "indicators in the catalogue's order; NaN is missing"),
            Port("usual", FLOAT, shape, "the student's usual values; NaN is missing"),
            Port("coverage", FLOAT, shape, "for abstention, before the graph; it reads none of it"),
            EXPLAIN,
        ]

    def gives(self, recipe: Recipe) -> list[Port]:
        shares = (
            "shares of the logit by indicator, adding up to its change from the typical student"
        )
        return [
            Port(PROBABILITY, FLOAT, ("n",), "calibrated"),
            Port(CONTRIBUTIONS, FLOAT, ("m", _size(recipe)), shares),
        ]

    def enter(self, g: Nodes, _: Recipe, /) -> None:
        for name in ("values", "usual"):
            g.add("Transpose", [name], f"{name}_upright", perm=[1, 0])
            g.add("Cast", [f"{name}_upright"], f"{name}_wide", to=DOUBLE)
        g.add("Sub", ["values_wide", "usual_wide"], "change_wide")
        g.add("Concat", ["values_wide", "change_wide"], "number_rows", axis=0)

    def leave(self, g: Nodes, recipe: Recipe, /) -> None:
        g.constant("by_indicator", np.tile(np.eye(_size(recipe)), (1, 2)))
        g.add("MatMul", ["by_indicator", "by_column"], "explained_upright")
        g.add("Transpose", ["explained_upright"], "explained_wide", perm=[1, 0])
        g.add("Cast", ["chance"], PROBABILITY, to=FLOAT)
        g.add("Cast", ["explained_wide"], CONTRIBUTIONS, to=FLOAT)


def _size(recipe: Recipe) -> int:
    return len(recipe.center) // 2


VECTOR = Vector()
