"""Figures by group, and gaps between groups."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training.evaluation.budget import alerted
from training.evaluation.groups import ALERTS, ScoredRows, column
from training.evaluation.resampling import Resampler
from training.evaluation.sample import NOT_GIVEN, columns_of, sample_of


def scored(students: Any = 400, seed: Any = 4, share: Any = 0.2) -> Any:
    random = np.random.default_rng(seed)
    said = random.random(students)
    truth = (random.random(students) < said).astype(float)
    sample = sample_of(truth, range(students), None)
    alert = alerted(sample, said, share)
    return ScoredRows(sample, said, alert, Resampler(sample.student, students, 0, 100))


def groups(scored_: Any, names: Any) -> Any:
    return columns_of({"college": names}, scored_.sample.rows)["college"]


def test_a_group_of_nine_is_not_published() -> None:
    """Neither its size nor any figure, and not by subtraction either."""
    one = scored()
    found = column(one, "college", groups(one, ["a"] * 9 + ["b"] * 191 + ["c"] * 200))
    by_name = {row.group: row for row in found.groups}
    assert by_name["a"].suppressed == "all"
    assert by_name["a"].students is None
    assert by_name["a"].recall.value is None
    assert by_name["b"].suppressed == "all"
    assert by_name["c"].students == 200


def test_few_in_need_hide_what_depends_on_them() -> None:
    """A large group with few in need shows its size and alerts, nothing that counts the cases."""
    one = scored()
    truth = one.sample.truth
    few = np.flatnonzero(truth == 0)[:30].tolist() + np.flatnonzero(truth)[:3].tolist()
    names = np.full(400, "big", object)
    names[few] = "few"
    names[[n for n in range(400) if n not in set(few)][::2]] = "third"
    found = {row.group: row for row in column(one, "college", groups(one, names)).groups}
    assert found["few"].suppressed == "cases"
    assert found["few"].students == 33
    assert found["few"].alerts_per_10000.value is not None
    assert found["few"].prevalence.value is None
    assert sorted(row.suppressed for row in found.values()) == ["cases", "cases", "no"]


def test_figures_of_a_group_are_those_of_its_rows() -> None:
    """A group's recall, PPV and share of alerts are counted by hand over its rows."""
    one = scored()
    names = np.where(np.arange(400) % 2, "odd", "even")
    found = {row.group: row for row in column(one, "parity", groups(one, names)).groups}
    mine = names == "odd"
    truth, alert = one.sample.truth[mine], one.alert[mine] > 0
    assert found["odd"].recall.value == pytest.approx((truth * alert).sum() / truth.sum())
    assert found["odd"].ppv.value == pytest.approx(truth[alert].mean())
    assert found["odd"].alerts_per_10000.value == pytest.approx(10_000 * alert.mean())
    assert found["odd"].prevalence.low < truth.mean() < found["odd"].prevalence.high


def test_a_group_in_which_no_alert_was_right_is_not_certain() -> None:
    """A share of none, seen in few, has an interval that is wider than nothing."""
    one = scored()
    wrong = np.flatnonzero(one.sample.truth == 0)[:5]
    rest = np.flatnonzero(one.sample.truth)[:60]
    alert = np.zeros(400)
    alert[wrong] = 1.0
    one = replace(one, alert=alert)
    wrong = np.flatnonzero(one.sample.truth == 0)[:30]
    names = np.full(400, "others", object)
    names[[*wrong, *rest]] = "unlucky"
    found = {row.group: row for row in column(one, "college", groups(one, names)).groups}
    unlucky: Any = found["unlucky"]
    assert (unlucky.ppv.value, unlucky.ppv.low) == (0.0, 0.0)
    assert unlucky.ppv.high > 0.3


def test_agrees_with_fairlearn() -> None:
    """Differences and ratios between groups are MetricFrame's."""
    fairlearn = pytest.importorskip("fairlearn.metrics")
    metrics = pytest.importorskip("sklearn.metrics")
    one = scored(600)
    names = np.array(["x", "y", "z"])[np.arange(600) % 3]
    frame = fairlearn.MetricFrame(
        metrics={
            "recall": metrics.recall_score,
            "ppv": metrics.precision_score,
            "false_positive_rate": fairlearn.false_positive_rate,
            "selection": fairlearn.selection_rate,
        },
        y_true=one.sample.truth,
        y_pred=(one.alert > 0).astype(float),
        sensitive_features=names,
    )
    gaps = {gap.metric: gap for gap in column(one, "g", groups(one, names)).gaps}
    for metric in ("recall", "ppv", "false_positive_rate"):
        assert gaps[metric].difference.value == pytest.approx(frame.difference()[metric])
        assert gaps[metric].ratio.value == pytest.approx(frame.ratio()[metric])
    assert gaps[ALERTS].difference.value == pytest.approx(1e4 * frame.difference()["selection"])
    assert gaps[ALERTS].ratio.value == pytest.approx(frame.ratio()["selection"])


def test_who_gave_no_group_is_shown_but_not_compared() -> None:
    """Rows without a group are their own row and never the highest or the lowest of a gap."""
    one = scored()
    names = [None] * 100 + ["f"] * 150 + ["m"] * 150
    found = column(one, "gender", groups(one, names))
    assert [row.group for row in found.groups] == ["f", "m", NOT_GIVEN]
    assert {gap.highest for gap in found.gaps} <= {"f", "m"}


def test_one_group_has_no_gap() -> None:
    """A gap is between two."""
    one = scored()
    found = column(one, "college", groups(one, ["a"] * 400))
    assert all(gap.difference.value is None for gap in found.gaps)
