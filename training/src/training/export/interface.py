"""What a graph takes and gives, described once: the nodes, the README and scoring go by it.

There is one export, `training.export.graph.build`. Preprocessing, network, temperature and
contributions are the same nodes for every model; what differs is the door, and there are two:

- `tables.FLAT` (`lantern model train`): a flat table's numbers in float64 and its texts as codes; a
  contribution a column. `lantern model predict` feeds it.
- `vectors.VECTOR` (the bundle that scoring serves): the matrices of a `FeatureVector` in
  float32, as they come off the wire; the graph itself makes the network's columns (each
  indicator's value, and its deviation from the student's usual value) and sums the contributions
  of both by indicator, so that scoring needs to know nothing of it.

They stay two because their callers hold different things: a table has texts and no usual values, a
vector is float32 and its answers go out as float32. Everything between is shared.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from onnx import TensorProto, helper

from training.export.nodes import DOUBLE, Nodes
from training.preprocess.recipe import Recipe

FLOAT, WHOLE, TRUTH = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
TYPES: dict[int, str] = {DOUBLE: "float64", FLOAT: "float32", WHOLE: "int64", TRUTH: "bool"}
PROBABILITY, CONTRIBUTIONS = "probability", "contributions"


@dataclass(frozen=True)
class Port:
    """An input or output: its type, its shape with names for what varies, and what it means."""

    name: str
    kind: int
    shape: tuple[int | str, ...]
    meaning: str

    @property
    def info(self) -> Any:  # noqa: ANN401 - onnx's own
        """Return it as ONNX says it."""
        return helper.make_tensor_value_info(self.name, self.kind, list(self.shape))

    @property
    def type(self) -> str:
        return TYPES[self.kind]


EXPLAIN = Port("explain", TRUTH, (), "whether contributions are wanted")


class Interface(Protocol):
    """A door: its ports, and the nodes between them and what all models share."""

    @property
    def typical(self) -> str:
        """What contributions are counted from, in words."""
        ...

    def takes(self, recipe: Recipe) -> list[Port]:
        """Return the inputs."""
        ...

    def gives(self, recipe: Recipe) -> list[Port]:
        """Return the outputs."""
        ...

    def enter(self, g: Nodes, recipe: Recipe, /) -> None:
        """Add nodes from the inputs to `number_rows` `[k, n]` and `code_rows` `[q, n]`."""
        ...

    def leave(self, g: Nodes, recipe: Recipe, /) -> None:
        """Add nodes from `chance` `[n]` and `by_column` `[columns, n]` (float64) to the outputs."""
        ...
