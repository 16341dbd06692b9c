"""The one door."""

import json
from typing import Any

import numpy as np
import pytest

from training.evaluation import thinning
from training.evaluation.figures import document
from training.evaluation.metrics import evaluate
from training.evaluation.summary import manifest_metrics


def term(students: Any = 300, weeks: Any = 6, seed: Any = 1, skill: Any = 1.0) -> Any:
    """Return rows of a term: truth, probability, students, weeks."""
    random = np.random.default_rng(seed)
    student = np.repeat(np.arange(students), weeks)
    logit = random.normal(-2.2, 1.0, students)[student] + random.normal(0, 0.5, len(student))
    truth = (random.random(len(student)) < 1 / (1 + np.exp(-logit))).astype(int)
    said = 1 / (1 + np.exp(-(skill * logit - (1 - skill) * 2.0)))
    return truth, said, student, np.tile(np.arange(weeks), students)


def found(skill: Any = 1.0, **more: Any) -> Any:
    truth, said, student, week = term(skill=skill)
    return evaluate(truth, said, student, weeks=week, replicates=60, **more)


def test_everything_is_json() -> None:
    """An evaluation is plain JSON without NaN, as it stands."""
    names = np.where(term()[2] % 2, "f", "m")
    matrix = np.where(np.arange(1800)[:, None] % 3, 1.0, np.nan)
    one = found(
        groups={"gender": names},
        baselines={"logistic": np.full(1800, 0.1)},
        thresholds={"blue": 0.2, "orange": 0.5},
        inputs=(["breakfast_rate"], matrix),
    )
    text = json.dumps(document(one), allow_nan=False)
    assert json.loads(text)["prevalence"]["value"] == pytest.approx(term()[0].mean())
    assert one.missing[0].share.value == pytest.approx(1 / 3)
    assert [level.level for level in one.levels] == ["blue", "orange"]


def test_same_seed_same_bits() -> None:
    """Two runs agree in every figure; another seed moves only intervals."""
    assert found() == found()
    other = found(seed=1)
    assert other != found()
    assert other.scores[0].roc_auc.value == found().scores[0].roc_auc.value


def test_names_of_students_and_order_of_rows_mean_nothing_to_values() -> None:
    """Shuffled rows give the same values."""
    truth, said, student, week = term()
    mixed = np.random.default_rng(0).permutation(len(truth))
    one = found()
    two = evaluate(
        truth[mixed], said[mixed], student[mixed].astype(str), weeks=week[mixed], replicates=60
    )
    for a, b in zip(one.scores, two.scores, strict=True):
        for metric in ("roc_auc", "pr_auc", "brier", "ppv_at_budget"):
            assert getattr(a, metric).value == pytest.approx(getattr(b, metric).value)


def test_the_majority_stands_beside() -> None:
    """Its ROC-AUC is a half, its PPV the prevalence, its accuracy high and worthless."""
    one = found()
    majority = one.scores[1]
    assert majority.name == "majority"
    assert majority.roc_auc.value == pytest.approx(0.5)
    assert majority.ppv_at_budget.value == pytest.approx(one.prevalence.value)
    assert majority.accuracy.value == pytest.approx(1 - one.prevalence.value)


def test_the_budget_is_spent() -> None:
    """300 students a week at 1.5 %: four alerts a week, 133 of 10,000."""
    one = found()
    assert one.budget.alerts == pytest.approx(4 * 6)
    assert one.budget.alerts_per_10000.value == pytest.approx(4 / 300 * 10_000)
    assert one.budget.recall.value == pytest.approx(one.budget.ppv.value * 24 / one.positive_rows)


def test_a_worse_network_is_called_worse() -> None:
    """The verdict on each baseline is read from the interval of the paired difference."""
    truth, good, student, week = term()
    bad = np.random.default_rng(9).random(len(good))
    said = {}
    for name, network, logistic in (("worse", bad, good), ("better", good, bad)):
        one = evaluate(
            truth, network, student, weeks=week, baselines={"logistic": logistic}, replicates=60
        )
        said[name] = {c.metric: c.verdict for c in one.comparisons if c.other == "logistic"}
    assert said["worse"]["roc_auc"] == said["worse"]["log_loss"] == "worse"
    assert said["better"]["roc_auc"] == said["better"]["log_loss"] == "better"
    same = evaluate(truth, good, student, baselines={"logistic": good}, replicates=60)
    logistic = [c for c in same.comparisons if c.other == "logistic"]
    assert {c.verdict for c in logistic} == {"no_clear_difference"}


def test_too_good_on_simulated_data_is_said() -> None:
    """ROC-AUC above .95 on simulated data means that the simulator was found."""
    truth, _, student, week = term()
    near = np.clip(truth * 0.9 + 0.05, 0, 1)
    noted = evaluate(truth, near, student, weeks=week, data="simulated", replicates=20).notes
    assert "recovers_its_own_generator" in noted
    assert "recovers_its_own_generator" not in evaluate(truth, near, student, replicates=20).notes
    assert "recovers_its_own_generator" not in found(data="simulated").notes


def test_one_class_only() -> None:
    """Without anybody in need there is no AUC, and the report can say so."""
    one = evaluate([0, 0, 0], [0.1, 0.2, 0.3], [1, 2, 3], replicates=20)
    assert one.scores[0].roc_auc.value is None
    assert "one_class_only" in one.notes
    json.dumps(document(one), allow_nan=False)


def test_levels_count_everybody_once() -> None:
    """The four cells of each level are all rows."""
    for level in found(thresholds={"blue": 0.1, "yellow": 0.3}).levels:
        cells = (level.true_positive, level.false_positive, level.false_negative)
        assert sum(cells) + level.true_negative == 1800
        assert level.ppv.value == pytest.approx(cells[0] / (cells[0] + cells[1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": [0, 2]}, "other than 0 and 1"),
        ({"y_true": []}, "no row"),
        ({"probability": [0.5, np.nan]}, "network: a probability is not"),
        ({"probability": [0.5, 1.2]}, "network: a probability is not"),
        ({"probability": [0.5]}, "1 probabilities for 2 rows"),
        ({"students": [1]}, "students: 1 values for 2 rows"),
        ({"weeks": [1]}, "weeks: 1 values for 2 rows"),
        ({"groups": {"college": ["a"]}}, "college: 1 values for 2 rows"),
        ({"inputs": (["a"], [[1.0]])}, "inputs"),
        ({"baselines": {"logistic": [0.1]}}, "logistic: 1 probabilities"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(change: Any, message: Any) -> None:
    """The message names what does not fit."""
    given = {"y_true": [0, 1], "probability": [0.1, 0.9], "students": [1, 2]} | change
    with pytest.raises(ValueError, match=message):
        evaluate(**given, replicates=5)


def test_very_many_rows_are_judged_on_whole_students(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample keeps whole students, everything beside them, and is said to be one."""
    monkeypatch.setattr(thinning.chosen_rows, "__defaults__", (600,))
    more: Any = {
        "groups": {"g": ["a", "b"] * 900},
        "baselines": {"logistic": np.full(1800, 0.2)},
        "inputs": (["x"], np.ones((1800, 1))),
    }
    one = found(**more)
    assert one.rows == 600
    assert one.students == 100
    assert "judged_on_a_sample" in one.notes
    assert one == found(**more)
    assert one.missing[0].share.value == 0.0
    assert {row.group for row in one.groups[0].groups} == {"a", "b"}


def test_the_manifest_carries_what_can_be_said() -> None:
    """Every figure has an interval; without both classes there is no AUC."""
    carried = manifest_metrics(found())
    assert carried["roc_auc"].low < carried["roc_auc"].value < carried["roc_auc"].high
    assert "alerts_per_10000_a_week" in carried
    none = evaluate([0, 0, 0], [0.1, 0.2, 0.3], [1, 2, 3], replicates=20)
    assert "roc_auc" not in manifest_metrics(none)


def test_text_students_and_empty_groups() -> None:
    """Students may be any text, groups may be one list with gaps."""
    one = evaluate(
        [0, 1] * 20,
        [0.2, 0.8] * 20,
        [f"s{i}" for i in range(40)],
        groups=["a", None] * 20,
        replicates=20,
    )
    assert one.groups[0].column == "group"
    assert [row.group for row in one.groups[0].groups] == ["a", "not given"]
