"""The door of a flat table's model: numbers as they are, texts by their place among the levels."""

from dataclasses import dataclass

from training.export.interface import CONTRIBUTIONS, EXPLAIN, PROBABILITY, WHOLE, Port
from training.export.nodes import DOUBLE, Nodes
from training.preprocess.recipe import Recipe


@dataclass(frozen=True)
class Flat:
    """Inputs and outputs of the shared part are those of the graph, a row a row of the table."""

    typical: str = "row"

    def takes(self, recipe: Recipe) -> list[Port]:
        numbers, texts = len(recipe.center), len(recipe.kept)
        found = []
        if numbers:
            meaning = "numbers in the manifest's order; NaN is missing, infinities are far out"
            found.append(Port("numbers", DOUBLE, ("n", numbers), meaning))
        if texts:
            meaning = "place of the text among the manifest's levels, −1 for any other"
            found.append(Port("codes", WHOLE, ("n", texts), meaning))
        return [*found, EXPLAIN]

    def gives(self, recipe: Recipe) -> list[Port]:
        shares = "shares of the logit by column, adding up to its change from the typical row"
        return [
            Port(PROBABILITY, DOUBLE, ("n",), "calibrated"),
            Port(CONTRIBUTIONS, DOUBLE, ("m", recipe.columns), shares),
        ]

    def enter(self, g: Nodes, recipe: Recipe, /) -> None:
        if len(recipe.center):
            g.add("Transpose", ["numbers"], "number_rows", perm=[1, 0])
        if recipe.kept:
            g.add("Transpose", ["codes"], "code_rows", perm=[1, 0])

    def leave(self, g: Nodes, _: Recipe, /) -> None:
        g.add("Identity", ["chance"], PROBABILITY)
        g.add("Transpose", ["by_column"], CONTRIBUTIONS, perm=[1, 0])


FLAT = Flat()
