"""The recipe as nodes: infinities bounded, gaps filled and marked, soft clip, bins, one-hot."""

import numpy as np

from training.export.nodes import DOUBLE, Nodes
from training.preprocess.recipe import LARGEST, SOFT_CLIP, Recipe


def add_inputs(g: Nodes, recipe: Recipe) -> str:
    """Add nodes from `numbers` and `codes` to `f`, the inputs less their mean in training."""
    g.whole("last_axis", [1])
    parts: list[str] = []
    if len(recipe.center):
        parts += _numbers(g, recipe)
    parts += [_one_hot(g, q, len(codes)) for q, codes in enumerate(recipe.kept)]
    g.add("Concat", parts, "raw", axis=1)
    g.constant("mean", recipe.mean)
    return g.add("Sub", ["raw", "mean"], "f")


def _numbers(g: Nodes, recipe: Recipe) -> list[str]:
    g.constant("center", recipe.center)
    g.constant("reach", recipe.scale * SOFT_CLIP)
    g.constant("clip", SOFT_CLIP)
    g.constant("one", 1.0)
    g.constant("least", -LARGEST)
    g.constant("most", LARGEST)
    g.add("IsNaN", ["numbers"], "missing")
    g.add("Clip", ["numbers", "least", "most"], "bounded")
    g.add("Where", ["missing", "center", "bounded"], "filled")
    g.add("Sub", ["filled", "center"], "away")
    g.add("Div", ["away", "reach"], "part")
    g.add("Abs", ["part"], "part_size")
    g.add("Add", ["part_size", "one"], "damping")
    g.add("Mul", ["part", "clip"], "part_wide")
    parts = [g.add("Div", ["part_wide", "damping"], "level")]
    if len(recipe.gaps):
        g.whole("gap_columns", recipe.gaps)
        g.add("Cast", ["missing"], "missing_number", to=DOUBLE)
        parts.append(g.add("Gather", ["missing_number", "gap_columns"], "gap", axis=1))
    if len(recipe.bin_of):
        g.whole("bin_columns", recipe.bin_of)
        g.constant("bin_low", recipe.bin_low)
        g.constant("bin_width", recipe.bin_width)
        g.constant("zero", 0.0)
        g.add("Gather", ["filled", "bin_columns"], "spread", axis=1)
        g.add("Sub", ["spread", "bin_low"], "above")
        g.add("Div", ["above", "bin_width"], "within")
        parts.append(g.add("Clip", ["within", "zero", "one"], "bins"))
    return parts


def _one_hot(g: Nodes, column: int, kept: int) -> str:
    """Add the one-hot input of a text column; what is no kept level is the last."""
    name = f"text{column}"
    g.whole(f"{name}_at", [column])
    g.whole(f"{name}_others", kept)
    g.whole(f"{name}_zero", 0)
    g.constant(f"{name}_table", np.eye(kept + 1))
    g.add("Gather", ["codes", f"{name}_at"], f"{name}_codes", axis=1)
    g.add("Squeeze", [f"{name}_codes", "last_axis"], f"{name}_code")
    g.add("Less", [f"{name}_code", f"{name}_zero"], f"{name}_under")
    g.add("Greater", [f"{name}_code", f"{name}_others"], f"{name}_over")
    g.add("Or", [f"{name}_under", f"{name}_over"], f"{name}_strange")
    g.add("Where", [f"{name}_strange", f"{name}_others", f"{name}_code"], f"{name}_index")
    return g.add("Gather", [f"{name}_table", f"{name}_index"], name, axis=0)
