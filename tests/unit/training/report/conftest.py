"""One small report for all tests of the page."""

from typing import Any

import numpy as np
import pytest

from training.evaluation.metrics import evaluate
from training.report.context import Context, Part, Words

HOSTILE = "<script>alert('$x$')</script>"


@pytest.fixture(scope="session")
def evaluation() -> Any:
    """Return an evaluation with everything in it, of a network no better than a regression."""
    random = np.random.default_rng(1)
    student = np.repeat(np.arange(240), 4)
    logit = random.normal(-1.5, 1.0, 240)[student]
    truth = (random.random(960) < 1 / (1 + np.exp(-logit))).astype(int)
    said = 1 / (1 + np.exp(-logit))
    matrix = random.random((960, 2))
    matrix[random.random((960, 2)) < 0.3] = np.nan
    college = np.array([HOSTILE, "文学院", "理学院"])[student % 3]
    college[student < 4] = "few"
    return evaluate(
        truth,
        said,
        student,
        weeks=np.tile(np.arange(4), 240),
        groups={"college": college, "gender": np.array(["f", "m"])[student % 2]},
        baselines={"logistic": said},
        thresholds={"blue": 0.2, "yellow": 0.4, "orange": 0.6},
        inputs=(["breakfast_rate", "own_column"], matrix),
        data="simulated",
        name="later term",
        replicates=40,
    )


@pytest.fixture(scope="session")
def context() -> Context:
    """Return a context that fills every field."""
    return Context(
        title=Words("演示", "Demonstration"),
        model="demo-1",
        data="simulated",
        description=Words("说明", "A description"),
        created="2026-11-24T12:00:00Z",
        seed=3,
        parts=(Part("train", 2000, 32_000, 0.05, "2025-09-01", "2026-01-10"),),
        inputs=2,
        catalogue="ab" * 32,
        network="4 → 16 → 1",
        thresholds={"blue": 0.2},
        limits=(Words("只有一个学期", "One term only"),),
        versions={"torch": "2"},
    )
