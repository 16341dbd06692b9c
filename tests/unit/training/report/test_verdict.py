"""What the figures come to, in sentences."""

from dataclasses import replace
from typing import Any

import pytest

from training.evaluation.figures import Comparison, Figure
from training.report.verdict import DECIDING, against, findings, percent


def compared(**verdicts: str) -> list[Any]:
    signs = {"better": 0.02, "worse": -0.02, "no_clear_difference": 0.001}
    return [
        Comparison("logistic", metric, Figure(signs[verdict], -0.05, 0.05), verdict)  # type: ignore[arg-type]
        for metric, verdict in verdicts.items()
    ]


def all_of(verdict: str) -> list[Any]:
    return compared(**dict.fromkeys(DECIDING, verdict))


def test_a_network_that_is_worse_is_told_to_go() -> None:
    """Where logistic regression is better, the report says to use it."""
    found = against(all_of("worse"), "logistic")
    assert found.tone == "warning"
    assert "worse than logistic regression" in found.text.en
    assert "Logistic regression should be used" in found.text.en
    assert "应当使用逻辑回归" in found.text.zh
    assert "-0.020" in found.text.zh


def test_a_network_that_is_not_better_is_said_not_to_be() -> None:
    """Differences within chance are no victory."""
    found = against(all_of("no_clear_difference"), "logistic")
    assert found.tone == "warning"
    assert "does not beat logistic regression" in found.text.en
    assert "没有胜过逻辑回归" in found.text.zh


def test_a_network_that_is_better_may_say_so_with_numbers() -> None:
    """Praise names the figures."""
    found = against(all_of("better"), "logistic")
    assert found.tone == "plain"
    assert "+0.020" in found.text.en


def test_mixed_is_called_mixed() -> None:
    """Better in one and worse in another is both."""
    found = against(compared(roc_auc="better", log_loss="worse"), "logistic")
    assert found.tone == "warning"
    assert "better ordering (ROC-AUC) +0.020; worse log-loss -0.020" in found.text.en


def test_only_the_named_baseline_counts() -> None:
    """What is worse than another baseline says nothing of this one."""
    other = [replace(one, other="lightgbm") for one in all_of("worse")]
    assert "does not beat" in against([*other, *all_of("no_clear_difference")], "logistic").text.en


def test_a_plain_table_is_no_campus(evaluation: Any) -> None:
    """Sentences on a plain table speak of rows and labels, not of students and need."""
    for finding in findings(replace(evaluation, data="table", notes=())):
        assert "student" not in finding.text.en
        assert "need" not in finding.text.en.replace("needed", "")
        assert "学生" not in finding.text.zh
    first = findings(replace(evaluation, data="table"))[0].text
    assert first.en.startswith("First the base rate: of 960 rows")


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure(0.426, 0.353, 0.497), "42.6\u00a0% (35.3–49.7)"),
        (Figure(0.426, None, None), "42.6\u00a0%"),
        (Figure(None, None, None), "–"),
    ],
)
def test_percent(figure: Figure, expected: str) -> None:
    """A share is written with its interval where it has one."""
    assert percent(figure) == expected
