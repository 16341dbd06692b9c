"""Observed over expected, the rule that suspends a model, agreement and estimates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.agreement import cohens_kappa
from scoring.domain.calibration import (
    Label,
    Rule,
    broken,
    byar,
    explained,
    need_of,
    ratios,
)
from scoring.domain.estimate import estimate

RULE = Rule()
VERDICTS = st.sampled_from(["confirmed_need", "no_need", "data_error"])
PROBABILITIES = st.lists(st.floats(0, 1), max_size=60)


def labels(count: int, in_need: int, probability: float = 0.2) -> list[Label]:
    return [Label("yellow", probability, number < in_need) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 0.03, 5.57), (10, 4.80, 18.39), (100, 81.4, 121.6)]
)
def test_byar_is_near_the_exact_poisson_limits(count: int, low: float, high: float) -> None:
    """Within 4 % of a count of the tables' exact limits."""
    found = byar(count)
    assert found[0] == pytest.approx(low, abs=0.04 * count)
    assert found[1] == pytest.approx(high, abs=0.04 * count)
    assert byar(0)[0] == 0.0


def test_a_ratio_by_hand() -> None:
    """Of 50 at 0.2 ten are expected; twelve in need are 1.2 times that."""
    overall, yellow = ratios(labels(50, 12))
    assert (overall.level, yellow.level) == ("all", "yellow")
    assert (overall.labels, overall.observed) == (50, 12)
    assert overall.expected == pytest.approx(10)
    assert overall.ratio == pytest.approx(1.2)
    assert broken(ratios(labels(50, 12)), RULE) is None


def test_far_too_many_or_too_few_in_need_break_the_rule() -> None:
    """40 of 50 where ten were expected, and one of 100 where twenty were; the reason says so."""
    many = broken(ratios(labels(50, 40)), RULE)
    few = broken(ratios(labels(100, 1)), RULE)
    assert many is not None
    assert few is not None
    assert few.high is not None
    assert few.high < 0.5
    assert "40 in need, 10.0 expected; ratio 4.00" in explained(many)


def test_fewer_than_fifty_labels_break_nothing() -> None:
    """49 of 49 in need: a person may look, the rule does not speak."""
    assert broken(ratios(labels(49, 49)), RULE) is None
    assert broken(ratios(labels(50, 50)), RULE) is not None


def test_one_bad_level_breaks_what_looks_good_as_a_whole() -> None:
    """Yellow far too high and blue far too low add up to what was expected, and are found."""
    blue = [Label("blue", 0.5, is_in_need=False)] * 60
    found = broken(ratios([*blue, *labels(60, 42)]), RULE)
    assert found is not None
    assert found.level in {"blue", "yellow"}


def test_a_calibrated_model_is_left_alone() -> None:
    """Of 300 samples of 200 verdicts drawn from the probabilities themselves none is broken."""
    rng = np.random.default_rng(4)
    for _ in range(300):
        said = rng.uniform(0.15, 0.6, 200)
        drawn = [Label("yellow", float(p), bool(rng.random() < p)) for p in said]
        assert broken(ratios(drawn), RULE) is None


def test_what_says_nothing_of_the_need_is_no_label() -> None:
    """Data errors and students whom nobody reached count neither way."""
    assert need_of("confirmed_need") is True
    assert need_of("already_in_care") is True
    assert need_of("no_need") is False
    assert need_of("data_error") is None
    assert need_of("unreachable") is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_the_interval_holds_the_ratio(said: list[tuple[float, bool]]) -> None:
    """Low, ratio, high in order, whatever the labels."""
    for one in ratios([Label("orange", p, need) for p, need in said]):
        if one.ratio is not None:
            assert one.low is not None
            assert one.high is not None
            assert one.low <= one.ratio + 1e-9
            assert one.ratio <= one.high + 1e-9


def test_kappa_by_hand() -> None:
    """Cohen's own arithmetic: 35 of 50 agree, half by chance: (0.7 - 0.5) / 0.5."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = cohens_kappa(pairs)
    assert (found.pairs, found.agreement) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)
    assert cohens_kappa([]).kappa is None
    assert cohens_kappa([("a", "a")] * 3).kappa is None


@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1, max_size=40))
def test_kappa_is_bounded_and_symmetric(pairs: list[tuple[str, str]]) -> None:
    """Between -1 and 1, and the same with the reviewers exchanged."""
    kappa = cohens_kappa(pairs).kappa
    turned = cohens_kappa([(other, one) for one, other in pairs]).kappa
    assert kappa == (turned if turned is None else pytest.approx(turned))
    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9


def test_an_estimate_by_hand() -> None:
    """Flagged 0.8 and 0.6 of 0.8, 0.6, 0.2, 0.4: precision 0.7, recall 1.4 of 2."""
    found = estimate([0.8, 0.6, 0.2, 0.4], 0.5)
    assert (found.students, found.flagged) == (4, 2)
    assert found.precision is not None
    assert found.recall is not None
    assert found.precision.value == pytest.approx(0.7)
    assert found.recall.value == pytest.approx(0.7)
    assert estimate([], 0.5).recall is None
    assert estimate([0.1], 0.5).precision is None


@given(PROBABILITIES, st.floats(0, 1))
def test_estimates_are_shares(probabilities: list[float], threshold: float) -> None:
    """Value and interval lie in 0 to 1, in order."""
    found = estimate(probabilities, threshold)
    for one in (found.precision, found.recall):
        if one is not None:
            assert 0 <= one.low <= one.value + 1e-9
            assert one.value <= one.high + 1e-9
            assert one.high <= 1


def test_estimates_hold_the_truth_when_probabilities_are_calibrated() -> None:
    """Of 200 simulated terms at least 180 have the true precision and recall in the interval."""
    rng = np.random.default_rng(5)
    hits = {"precision": 0, "recall": 0}
    for _ in range(200):
        said = rng.beta(1, 6, 2000)
        truth = rng.random(2000) < said
        found = estimate(said.tolist(), 0.3)
        assert found.precision is not None
        assert found.recall is not None
        flagged = said >= 0.3
        precision, recall = truth[flagged].mean(), truth[flagged].sum() / truth.sum()
        hits["precision"] += found.precision.low <= precision <= found.precision.high
        hits["recall"] += found.recall.low <= recall <= found.recall.high
    assert min(hits.values()) >= 180
