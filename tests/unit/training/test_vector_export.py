"""The graph that scoring serves computes what the network computes, hostile vectors included."""

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from training.export.graph import build
from training.export.vectors import VECTOR, columns_of
from training.network.weights import Weights, probability
from training.preprocess.recipe import Recipe, inputs_of

Array = NDArray[Any]
SIZE, BINS, UNITS = 3, 4, 5


def a_model(seed: int = 1, members: int = 2) -> tuple[Recipe, Weights]:
    draw = np.random.default_rng(seed)
    columns = 2 * SIZE
    width = columns + 2 + BINS
    recipe = Recipe(
        center=draw.normal(size=columns), scale=draw.uniform(0.5, 2.0, columns),
        gaps=np.array([0, 4]), bin_of=np.array([0, 1, 2, 3]), bin_low=draw.normal(size=BINS),
        bin_width=draw.uniform(0.5, 2.0, BINS), kept=[], mean=draw.normal(size=width),
    )  # fmt: skip
    weights = Weights(
        "sigmoid", draw.normal(size=(members, UNITS, width)), draw.normal(size=(members, UNITS)),
        None, None, draw.normal(size=(members, UNITS)), draw.normal(size=width), -2.0,
        temperature=1.3,
    )  # fmt: skip
    return recipe, weights


def vectors(rows: int = 300, seed: int = 2) -> tuple[Array, Array]:
    """Return values and usual values with gaps, infinities and what is beyond float32."""
    draw = np.random.default_rng(seed)
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 0.0])
    values, usual = draw.normal(0, 3, (2, rows, SIZE))
    for part in (values, usual):
        part[draw.random(part.shape) < 0.3] = draw.choice(odd)
    values[0], usual[0] = np.nan, np.nan
    return values, usual


def run(model: bytes, values: Array, usual: Array, *, explain: bool) -> list[Array]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    with np.errstate(over="ignore"):
        feeds = {
            "values": values.astype(np.float32),
            "usual": usual.astype(np.float32),
            "coverage": np.ones_like(values, dtype=np.float32),
            "explain": np.array(explain),
        }
    found: list[Array] = session.run(["probability", "contributions"], feeds)
    return found


def test_probability_is_that_of_the_network() -> None:
    """To a millionth, whatever is missing or infinite."""
    for members in (0, 2):
        recipe, weights = a_model(members=members)
        values, usual = vectors()
        numbers = columns_of(values, usual)
        want = probability(
            weights, inputs_of(recipe, numbers, np.zeros((len(values), 0), np.int32))
        )
        chance, nothing = run(build(recipe, weights, VECTOR), values, usual, explain=False)
        assert np.abs(chance - want).max() <= 1e-6
        assert nothing.shape == (0, SIZE)
        assert chance.dtype == np.float32


def test_contributions_are_by_indicator_and_add_up() -> None:
    """One number an indicator; together they are the logit less that of the typical student."""
    recipe, weights = a_model()
    values, usual = vectors()
    chance, shares = run(build(recipe, weights, VECTOR), values, usual, explain=True)
    assert shares.shape == (len(values), SIZE)
    typical = probability(weights, np.zeros((1, recipe.width)))[0]
    logit = np.log(chance.astype(float)) - np.log1p(-chance.astype(float))
    base = np.log(typical) - np.log1p(-typical)
    inside = (chance > 1e-4) & (chance < 1 - 1e-4)
    assert inside.sum() > 100
    assert np.abs(shares.sum(axis=1) - (logit - base))[inside].max() < 2e-3


def test_the_same_weights_give_the_same_bytes() -> None:
    """So that a rebuild can be compared."""
    recipe, weights = a_model()
    assert build(recipe, weights, VECTOR) == build(recipe, weights, VECTOR)
