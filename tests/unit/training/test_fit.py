"""The pipeline from a table to a network: small, deterministic, and no worse than it must be."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.helpers.flat_tables import made_up

from training.bundle.card import samples_of
from training.fit import linear_path
from training.fit.folds import folds_of
from training.fit.linear_path import fit_linear
from training.fit.material import Folded, prepare
from training.fit.options import Options, candidates
from training.fit.pipeline import Fitted, fit
from training.fit.synthetic import invent
from training.fit.teacher import blend
from training.network import linear
from training.network.linear import ridge, row_loss
from training.network.weights import logits, probability
from training.preprocess.fitting import Choice, fit_recipe
from training.preprocess.recipe import inputs_of, typical
from training.report import Checks, Fitting
from training.table.reading import Table

pytestmark = pytest.mark.training
TABLE, OTHER = made_up(500), made_up(2000, seed=9)
QUICK = Options(budget=1, folds=3, seeds=1)


def scored(fitted: Fitted, table: Table) -> np.ndarray:
    return probability(fitted.weights, inputs_of(fitted.recipe, table.numbers, table.codes))


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(TABLE, QUICK)


def test_to_the_bit(fitted: Fitted) -> None:
    """The same table and options give the same network, bit for bit."""
    again = fit(made_up(500), QUICK)
    assert fitted.chosen == again.chosen
    assert np.array_equal(fitted.weights.first, again.weights.first)
    assert np.array_equal(fitted.weights.skip, again.weights.skip)
    assert np.array_equal(scored(fitted, OTHER), scored(again, OTHER))


def test_beats_its_linear_path(fitted: Fitted) -> None:
    """The hidden part finds the product of two columns that a line cannot see."""
    assert fitted.chosen["gain_in_standard_errors"] > 1
    straight = inputs_of(fitted.recipe, OTHER.numbers, OTHER.codes) @ fitted.weights.skip
    own = roc_auc_score(OTHER.label, scored(fitted, OTHER))
    assert own > roc_auc_score(OTHER.label, straight) + 0.01
    assert own > 0.75


def test_calibrated(fitted: Fitted) -> None:
    """The mean probability is near the share of positives."""
    assert scored(fitted, OTHER).mean() == pytest.approx(OTHER.label.mean(), abs=0.04)


def test_noise_earns_nothing() -> None:
    """Where nothing is to be learned, the network says about the prevalence."""
    rng = np.random.default_rng(4)
    noise = replace(TABLE, label=(rng.random(len(TABLE)) < 0.3).astype(np.float64))
    chance = scored(fit(noise, QUICK), OTHER)
    assert row_loss(np.log(chance / (1 - chance)), np.full(len(chance), 0.3)).mean() < 0.64


@pytest.mark.parametrize("loss", ["weighted", "focal"])
def test_other_losses_stay_calibrated(loss: str) -> None:
    """Class weights and focal loss change what is learned, not what a probability means."""
    rng = np.random.default_rng(8)
    few = TABLE.label * (rng.random(len(TABLE)) < 0.4)
    rare = replace(TABLE, label=few)
    found = fit(rare, replace(QUICK, loss=loss))  # type: ignore[arg-type]
    assert scored(found, rare).mean() == pytest.approx(few.mean(), abs=0.05)


@pytest.mark.parametrize("options", [
    replace(QUICK, activation="sigmoid", hidden=7), replace(QUICK, second=5),
    replace(QUICK, distil=False),
])  # fmt: skip
def test_forms(options: Options) -> None:
    """The classical form, two hidden layers and learning without a teacher all work."""
    small = made_up(200)
    found = fit(small, options)
    assert np.isfinite(scored(found, OTHER)).all()


def test_tiny_and_one_sided() -> None:
    """Thirty rows with three positives, a column all missing and one constant are no error."""
    numbers = np.random.default_rng(0).normal(size=(30, 3))
    numbers[:, 1], numbers[:, 2] = np.nan, 5.0
    label = np.r_[np.ones(3), np.zeros(27)]
    tiny = Table(numbers, np.zeros((30, 0), np.int32), [], label, None, None)
    assert np.isfinite(scored(fit(tiny, QUICK), tiny)).all()


def test_nothing_is_learned_from_what_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """With times, the labels of the last stretch change no weight: they are judged by alone."""
    monkeypatch.setattr(linear_path, "_best_penalty", lambda _: 10.0)
    times = np.arange(500.0)
    early = replace(TABLE, times=times)
    turned = replace(early, label=np.where(times >= 450, 1.0 - TABLE.label, TABLE.label))
    one, other = (
        fit_linear(prepare(Folded(table, folds_of(table, 5, 0)), Choice()))
        for table in (early, turned)
    )
    assert one.loss < other.loss
    for own, same in zip(one.folds, other.folds, strict=True):
        assert np.array_equal(own.weights, same.weights)
    assert np.isnan(one.held_out[:250]).all()
    assert np.isfinite(one.held_out[250:]).all()


@pytest.mark.parametrize("distil", [True, False])
def test_expanding_windows(distil: bool) -> None:
    """A network comes out of them as well, calibrated on what was judged."""
    table = replace(TABLE, times=np.arange(500.0), groups=np.arange(500) // 2)
    found = scored(fit(table, replace(QUICK, folds=4, distil=distil)), OTHER)
    assert found.mean() == pytest.approx(OTHER.label.mean(), abs=0.15)
    assert roc_auc_score(OTHER.label, found) > 0.6


def test_large_tables_take_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs made a batch at a time are the inputs made at once."""
    folded = Folded(TABLE, folds_of(TABLE, 3, 0))
    whole = prepare(folded, Choice(bins=4))
    rows = np.array([5, 3, 400, 3, 77])
    expected = whole.inputs(rows)
    monkeypatch.setattr("training.fit.material.LARGEST_MATRIX", 0)
    assert np.array_equal(prepare(folded, Choice(bins=4)).inputs(rows), expected)


def test_memory_is_that_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making inputs, their mean and the regression's curvature holds no second copy of a table."""
    large = made_up(150_000)
    recipe = fit_recipe(made_up(500), np.arange(500), Choice(bins=16))
    size = 150_000 * recipe.width * 8

    def held(work: Callable[[], object]) -> float:
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1] / size
        finally:
            tracemalloc.stop()

    assert held(lambda: inputs_of(recipe, large.numbers, large.codes)) < 1.6
    assert held(lambda: inputs_of(recipe, large.numbers, large.codes, np.float32)) < 1.1
    assert held(lambda: typical(recipe, large.numbers, large.codes)) < 0.6
    inputs = inputs_of(recipe, large.numbers, large.codes)
    monkeypatch.setattr(linear, "_STEPS", 2)
    even = np.ones(len(large))
    assert held(lambda: ridge(inputs, large.label, even, penalty=1.0)) < 1.6


def test_says_who_learned_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond the caps are not learned from by all, and the card says by whom."""
    monkeypatch.setattr("training.fit.pipeline.FIT_ROWS", 100)
    monkeypatch.setattr("training.fit.pipeline.MOST_ROWS", 200)
    chosen = fit(TABLE, QUICK).chosen
    said = samples_of(500, Fitting(chosen, (), Checks()))
    assert "Of 500 rows" in said
    assert "from 100 (a fold), teacher and LightGBM from 200" in said
    assert not samples_of(90, Fitting(chosen, (), Checks()))


def test_penalty_fits_the_rows_that_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A penalty found on few rows grows with the rows of the fit, not with those of the table."""
    prepared = prepare(Folded(TABLE, folds_of(TABLE, 3, 0)), Choice(bins=4))
    monkeypatch.setattr(linear_path, "SEARCH_ROWS", 100)
    monkeypatch.setattr(linear_path, "FIT_ROWS", 200)
    capped = fit_linear(prepared).penalty
    monkeypatch.setattr(linear_path, "FIT_ROWS", 500)
    assert fit_linear(prepared).penalty == pytest.approx(capped * 500 / 200)


def test_invented_rows() -> None:
    """An invented row is made of real cells, the same for the same seed."""
    found, again = invent(TABLE, 1000, 3), invent(TABLE, 1000, 3)
    assert np.array_equal(found.numbers, again.numbers, equal_nan=True)
    for column in range(4):
        assert np.isin(
            found.numbers[:, column][~np.isnan(found.numbers[:, column])], TABLE.numbers[:, column]
        ).all()
    assert not any((found.numbers[0] == row).all() for row in TABLE.numbers)


def test_blend_takes_the_better() -> None:
    """The share follows what rows held out like."""
    label = (np.arange(100) % 2).astype(np.float64)
    good, bad = (label - 0.5) * 6, (0.5 - label) * 6
    assert blend(good, bad, label) == 1.0
    assert blend(bad, good, label) == 0.0


@pytest.mark.parametrize("rows", [100, 10_000, 5_000_000])
def test_candidates(rows: int) -> None:
    """There is something to try at every size, and a wish is granted everywhere."""
    asked = Options(hidden=9, second=3, activation="tanh")
    for one in candidates(rows, asked):
        assert (one.shape.hidden, one.shape.second, one.shape.activation) == (9, 3, "tanh")
    assert len(candidates(rows, Options(budget=1))) == 1


def test_logits_are_members_mean(fitted: Fitted) -> None:
    """The ensemble's logit is the mean of its members' logits."""
    inputs = inputs_of(fitted.recipe, OTHER.numbers, OTHER.codes)[:50]
    own = fitted.weights
    alone = [
        logits(replace(own, first=own.first[m : m + 1], first_bias=own.first_bias[m : m + 1],
                       output=own.output[m : m + 1]), inputs)
        for m in range(own.members)
    ]  # fmt: skip
    assert logits(own, inputs) == pytest.approx(np.mean(alone, axis=0))
