"""The page of results says what report.json holds, and its verdict is that of the intervals."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training.evaluation.figures import NOTHING, Figure
from training.evaluation.metrics import evaluate
from training.realdata.results import Result, against_better, page, section, verdict
from training.report import Checks, Context, Fitting, Words
from training.report.document import Report, from_json, report_of, to_json

pytestmark = pytest.mark.training
CHOSEN: dict[str, float | int | str] = {
    "hidden": 32, "activation": "silu", "bins": 8, "teacher_trees_share": 0.75,
    "linear_loss": 0.5, "trees_loss": 0.49, "held_out_loss": 0.48, "gain_in_standard_errors": 2.9,
}  # fmt: skip


def report(seed: int = 1, groups: int | None = None) -> Report:
    draw = np.random.default_rng(seed)
    logit = draw.normal(size=400)
    truth = (draw.random(400) < 1 / (1 + np.exp(-logit))).astype(int)
    chance = 1 / (1 + np.exp(-logit))
    people = np.arange(400) if groups is None else np.arange(400) % groups
    judged = evaluate(
        truth, chance, people, data="table", replicates=50,
        baselines={"logistic": draw.random(400), "trees": 0.9 * chance + 0.05},
    )  # fmt: skip
    context = Context(title=Words("t", "t"), model="m", data="table")
    made = report_of([judged], context, Fitting(CHOSEN, (), Checks(equal_rows=3)))
    return from_json(to_json(made))


def test_a_table_a_task() -> None:
    """Figures of all four stand side by side, each with its interval, with what was judged."""
    one = Result("task", "fails a course", 500, report())
    text = section(one)
    network = one.judged.scores[0]
    assert "Fails a course. Learned from 500 rows, judged on 400 (" in text
    assert "resampled by rows." in text
    assert f"| ROC-AUC | {network.roc_auc.value:.3f} ({network.roc_auc.low:.3f}–" in text
    assert "| figure | network | logistic regression | LightGBM | majority |" in text
    assert "32 silu units a member, 8 bins a number, a teacher of 75% trees" in text
    assert "resampled by 40 groups." in section(replace(one, report=report(groups=40)))


def test_a_figure_that_cannot_be_said_is_a_dash() -> None:
    """Of one class only there is no area; of a value without draws no interval."""
    one = Result("task", "fails a course", 500, report())
    judged = one.judged
    network, *others = judged.scores
    blank = replace(network, roc_auc=NOTHING, brier=Figure(0.25, None, None))
    gaps = tuple(
        replace(c, difference=NOTHING) if c.metric == "roc_auc" else c for c in judged.comparisons
    )
    told = replace(judged, scores=(blank, *others), comparisons=gaps)
    text = page([replace(one, report=replace(one.report, evaluations=(told,)))], "")
    assert "| ROC-AUC | – | 0." in text
    assert "| Brier | 0.250 (–) | 0." in text
    assert "| task | – | " in text
    assert "None" not in text


def test_the_better_baseline_is_the_rival() -> None:
    """By each figure: more is better for areas, less for losses; the majority is no rival."""
    judged = report().evaluations[0]
    assert against_better(judged, "roc_auc").other == "trees"
    assert against_better(judged, "log_loss").other == "trees"
    swapped = {"trees": "logistic", "logistic": "trees"}
    turned = replace(
        judged,
        scores=tuple(replace(s, name=swapped.get(s.name, s.name)) for s in judged.scores),
        comparisons=tuple(
            replace(c, other=swapped.get(c.other, c.other)) for c in judged.comparisons
        ),
    )
    assert against_better(turned, "log_loss").other == "logistic"


@pytest.mark.parametrize(
    ("auc", "loss", "says"),
    [
        ("worse", "better", "**worse**"),
        ("no_clear_difference", "worse", "**worse**"),
        ("better", "no_clear_difference", "better"),
        ("no_clear_difference", "no_clear_difference", "no difference shown"),
    ],
)
def test_verdicts(auc: Any, loss: Any, says: str) -> None:
    """Worse in either figure is worse."""
    judged = report().evaluations[0]
    one = against_better(judged, "roc_auc")
    assert verdict(replace(one, verdict=auc), replace(one, verdict=loss)) == says


def test_page() -> None:
    """Summary, tasks and notes in one document."""
    text = page([Result("task", "fails a course", 500, report())], "## Notes\n")
    assert "| task | " in text
    assert text.index("## In short") < text.index("## task") < text.index("## Notes")
