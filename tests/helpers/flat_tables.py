"""Made-up flat tables and networks for the tests of training; no row of anybody."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.network.weights import Activation, Weights
from training.preprocess.fitting import Choice, fit_recipe
from training.preprocess.recipe import Recipe
from training.table.reading import Table

Array = NDArray[Any]
TEXTS = ("?", "None", "NA", "blue", "red")


def made_up(rows: int, seed: int = 0, *, people: int | None = None) -> Table:
    """Return rows whose label depends on a number, a product of two, and a text; with gaps."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(rows, 4)) * [1, 10, 0.1, 1000]
    codes = rng.integers(0, len(TEXTS), size=(rows, 1)).astype(np.int32)
    score = 1.2 * numbers[:, 0] + 0.15 * numbers[:, 0] * numbers[:, 1] + (codes[:, 0] == 1)
    label = (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(np.float64)
    numbers[rng.random((rows, 4)) < 0.1] = np.nan
    groups = None if people is None else rng.integers(0, people, rows)
    return Table(numbers, codes, [list(TEXTS)], label, groups, None)


def write_csv(table: Table, path: Path, *, start: int = 0) -> Path:
    """Write a table with columns id, a, b, c, d, colour, who (with groups) and y."""
    heads = [
        "id",
        "a",
        "b",
        "c",
        "d",
        "colour",
        *(["who"] if table.groups is not None else []),
        "y",
    ]
    lines = [",".join(heads)]
    for row in range(len(table)):
        cells = ["" if np.isnan(x) else repr(float(x)) for x in table.numbers[row]]
        who = [] if table.groups is None else [f"p{start + table.groups[row]}"]
        text = table.levels[0][table.codes[row, 0]]
        lines.append(",".join([f"r{start + row}", *cells, text, *who, f"{table.label[row]:.0f}"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def a_recipe(bins: int = 4) -> Recipe:
    return fit_recipe(made_up(300), np.arange(300), Choice(bins=bins, least_rows=5))


def some_weights(
    recipe: Recipe, activation: Activation = "silu", *, members: int = 3, second: bool = False
) -> Weights:
    """Return random weights of a size that bends the logit visibly."""
    rng = np.random.default_rng(7)
    width, hidden, last = recipe.width, 6, 4 if second else 6
    return Weights(
        activation,
        rng.normal(size=(members, hidden, width)).astype(np.float32).astype(np.float64),
        rng.normal(size=(members, hidden)),
        rng.normal(size=(members, last, hidden)) if second else None,
        rng.normal(size=(members, last)) if second else None,
        rng.normal(size=(members, last)),
        rng.normal(size=width),
        -0.3,
        1.7,
        0.1,
    )


def hostile(columns: int) -> Array:
    """Return rows of numbers that no table should hold, but some do."""
    values = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e30, 123.456]
    rows = [np.full(columns, value) for value in values]
    mixed = np.random.default_rng(2).choice(values, size=(40, columns))
    return np.vstack([*rows, mixed])
