"""A graph under construction: nodes and constants, all numbers float64 unless whole.

Within a graph a matrix has one row an input (or unit) and one column a student: what belongs to an
input (its center, its bins' edges) then meets a whole run of students at once, and rows are copied
where single numbers would be gathered.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
DOUBLE = TensorProto.DOUBLE


class Nodes:
    """Collects nodes and constants by name."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Array | float) -> str:
        array = np.ascontiguousarray(np.asarray(value, dtype=np.float64))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def narrow(self, name: str, value: Array) -> str:
        """Keep a float32 constant and widen it in the graph: half the file, the same numbers."""
        array = np.ascontiguousarray(value, dtype=np.float32)
        if not np.array_equal(array.astype(np.float64), value):
            return self.constant(name, value)
        self.constants.append(numpy_helper.from_array(array, f"{name}_narrow"))
        return self.add("Cast", [f"{name}_narrow"], name, to=DOUBLE)

    def upright(self, name: str, value: Array) -> str:
        """Keep `[d]` as `[d, 1]`: a number an input, the same for every student."""
        return self.constant(name, np.asarray(value)[:, None])

    def whole(self, name: str, value: list[int] | Array | int) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=np.int64), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def branch(self, name: str, output: str, shape: list[str | int | None]) -> Any:  # noqa: ANN401 - onnx's own
        """Return the collected nodes as a branch of an `If`."""
        told = helper.make_tensor_value_info(output, DOUBLE, shape)
        return helper.make_graph(self.nodes, name, [], [told], initializer=self.constants)
