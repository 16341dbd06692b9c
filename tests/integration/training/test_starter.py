"""The bundle that scoring serves: from examples to files that scoring itself accepts."""

import json
from pathlib import Path

import numpy as np
import pytest

from shared.bundle.keys import TrustedKeys, new_private, trusted_key
from shared.bundle.reading import read_bundle
from shared.features.catalogue import CATALOGUE, catalogue_hash
from training.bundle.writing import write
from training.dataset.reading import Examples
from training.fit.options import Options
from training.report import Words
from training.starter.learning import learn
from training.starter.writing import Told, files_of

pytestmark = [pytest.mark.training, pytest.mark.timeout(300)]
OPTIONS = Options(folds=2, seeds=1, budget=1, hidden=4, distil=False)


def examples(students: int, seed: int) -> Examples:
    """Return two mornings of made-up students, whose first indicator says most."""
    draw = np.random.default_rng(seed)
    size = (2 * students, len(CATALOGUE))
    values = draw.normal(size=size)
    values[draw.random(size) < 0.2] = np.nan
    chance = 1 / (1 + np.exp(-1.5 * np.nan_to_num(values[:, 0]) + 1))
    student = np.array([f"p1:{seed}-{n}" for n in np.repeat(np.arange(students), 2)])
    time = np.array(["2026-03-02T04:00:00+08:00", "2026-03-09T04:00:00+08:00"] * students)
    label = (draw.random(2 * students) < chance).astype(np.float64)
    return Examples(values, draw.normal(size=size), np.ones(size), label, student, time)


def test_scoring_accepts_what_was_learned(tmp_path: Path) -> None:
    """The graph, its levels, card and report make a signed bundle that scoring reads."""
    train, watch, judge = examples(150, 1), examples(60, 2), examples(80, 3)
    college = np.array(["law", "arts"])[np.arange(160) // 2 % 2]
    college[:6] = "few"  # three students
    learned = learn(
        train, watch, judge, options=OPTIONS, data="simulated", groups={"college": college}
    )
    facts = {
        "students": 150, "rows": 300, "prevalence": 0.3, "first": "2026-03-02", "last": "2026-03-09"
    }  # fmt: skip
    told = Told(
        "tiny-1", "tiny", "simulated", 1, ["a term"], facts, facts,
        limits=(Words("没有性别", "no gender here"),),
        names={"law": Words("法学院", "School of Law")},
    )  # fmt: skip
    own = new_private(tmp_path / "key")
    write(files_of(learned, told), tmp_path / "bundle", own)
    found = read_bundle(
        tmp_path / "bundle",
        TrustedKeys([trusted_key(own, "")]),
        catalogue=catalogue_hash(),
        features=[one.id for one in CATALOGUE],
    )
    assert found.manifest.model == "tiny-1"
    card = (tmp_path / "bundle" / "card.md").read_text(encoding="utf-8")
    assert "inputs, a linear path" in card
    report = json.loads((tmp_path / "bundle" / "report.json").read_bytes())
    assert report["evaluations"][0]["rows"] == 160
    assert len(report["fitting"]["trials"]) == 1
    [colleges] = report["evaluations"][0]["groups"]
    assert {one["group"]: one["suppressed"] for one in colleges["groups"]}["few"] == "all"
    assert report["unknown"][-1] == {"zh": "没有性别", "en": "no gender here"}
    assert "School of Law" in (tmp_path / "bundle" / "report.html").read_text(encoding="utf-8")
    assert [one["name"] for one in report["evaluations"][0]["scores"]][2:] == ["logistic", "trees"]
