"""The recipe as nodes: infinities bounded, gaps filled and marked, soft clip, bins, one-hot."""

import numpy as np

from training.export.nodes import DOUBLE, Nodes
from training.preprocess.recipe import LARGEST, SOFT_CLIP, Recipe


def add_inputs(g: Nodes, recipe: Recipe) -> str:
    """Add nodes from `number_rows` `[k, n]` and `code_rows` `[q, n]` to `raw` `[d, n]`.

    `raw` are the inputs before their mean in training is taken away: the network's constants take
    it into account, so that only the explanation has to subtract it.
    """
    parts: list[str] = []
    if len(recipe.center):
        parts += _numbers(g, recipe)
    parts += [_one_hot(g, q, len(codes)) for q, codes in enumerate(recipe.kept)]
    return g.add("Concat", parts, "raw", axis=0)


def _numbers(g: Nodes, recipe: Recipe) -> list[str]:
    g.upright("center", recipe.center)
    g.upright("reach", recipe.scale * SOFT_CLIP)
    g.constant("clip", SOFT_CLIP)
    g.constant("one", 1.0)
    g.constant("least", -LARGEST)
    g.constant("most", LARGEST)
    g.add("IsNaN", ["number_rows"], "missing")
    g.add("Clip", ["number_rows", "least", "most"], "bounded")
    g.add("Where", ["missing", "center", "bounded"], "filled")
    g.add("Sub", ["filled", "center"], "away")
    g.add("Div", ["away", "reach"], "part")
    g.add("Abs", ["part"], "part_size")
    g.add("Add", ["part_size", "one"], "damping")
    g.add("Mul", ["part", "clip"], "part_wide")
    parts = [g.add("Div", ["part_wide", "damping"], "level")]
    if len(recipe.gaps):
        g.whole("gap_rows", recipe.gaps)
        g.add("Cast", ["missing"], "missing_number", to=DOUBLE)
        parts.append(g.add("Gather", ["missing_number", "gap_rows"], "gap", axis=0))
    if len(recipe.bin_of):
        g.whole("bin_rows", recipe.bin_of)
        g.upright("bin_low", recipe.bin_low)
        g.upright("bin_steepness", 1.0 / recipe.bin_width)
        g.constant("zero", 0.0)
        g.add("Gather", ["filled", "bin_rows"], "spread", axis=0)
        g.add("Sub", ["spread", "bin_low"], "above")
        g.add("Mul", ["above", "bin_steepness"], "within")
        parts.append(g.add("Clip", ["within", "zero", "one"], "bins"))
    return parts


def _one_hot(g: Nodes, row: int, kept: int) -> str:
    """Add the one-hot inputs of a text column; what is no kept level is the last."""
    name = f"text{row}"
    g.whole(f"{name}_at", [row])
    g.whole(f"{name}_others", kept)
    g.whole(f"{name}_zero", 0)
    g.whole(f"{name}_places", np.arange(kept + 1)[:, None])
    g.add("Gather", ["code_rows", f"{name}_at"], f"{name}_code", axis=0)
    g.add("Less", [f"{name}_code", f"{name}_zero"], f"{name}_under")
    g.add("Greater", [f"{name}_code", f"{name}_others"], f"{name}_over")
    g.add("Or", [f"{name}_under", f"{name}_over"], f"{name}_strange")
    g.add("Where", [f"{name}_strange", f"{name}_others", f"{name}_code"], f"{name}_place")
    g.add("Equal", [f"{name}_place", f"{name}_places"], f"{name}_is")
    return g.add("Cast", [f"{name}_is"], name, to=DOUBLE)
