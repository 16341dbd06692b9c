"""The commands as processes: from CSV files to scores, torch or not."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.helpers.flat_tables import made_up, write_csv

pytestmark = [pytest.mark.training, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[3]
WITHOUT_TORCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "sklearn", "lightgbm", "onnx", "matplotlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
sys.meta_path.insert(0, Refuse())
from training.commands.main import main
sys.exit(main(sys.argv[1:]))
"""


def run(*words: str | Path, torch: bool = True) -> subprocess.CompletedProcess[str]:
    start = ["-m", "training"] if torch else ["-c", WITHOUT_TORCH]
    return subprocess.run(
        [sys.executable, *start, *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "training" / "src"), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train once on a made-up table with people, and write a test table."""
    home = tmp_path_factory.mktemp("commands")
    write_csv(made_up(400, 1, people=100), home / "train.csv")
    write_csv(made_up(300, 2, people=90), home / "valid.csv", start=1000)
    write_csv(made_up(900, 3, people=300), home / "test.csv", start=5000)
    done = run(
        "train", "--table", home / "train.csv", "--valid", home / "valid.csv", "--id", "id",
        "--label", "y", "--group", "who", "--out", home / "bundle", "--budget", "1", "--seeds", "1",
        "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (home / "train.json").write_text(done.stdout)
    (home / "progress.txt").write_text(done.stderr)
    return home


def test_figures(folder: Path) -> None:
    """Training prints the network beside its baselines, with intervals by people."""
    told = json.loads((folder / "train.json").read_text())
    assert set(told["figures"]) == {"network", "majority", "logistic", "trees"}
    value, low, high = told["figures"]["network"]["roc_auc"]
    assert low < value < high
    assert told["figures"]["majority"]["roc_auc"][0] == 0.5
    assert set(told["network_less"]) == {"majority", "logistic", "trees"}
    assert told["valid"]["unit"].endswith("groups")
    assert "network 1 of 1" in (folder / "progress.txt").read_text()


def test_scores(folder: Path) -> None:
    """Scoring needs no torch, gives a row a row in order, and ranks well."""
    out = folder / "scores.csv"
    done = run("predict", folder / "bundle", "--table", folder / "test.csv", "--id", "id", "--out",
               out, torch=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"r{5000 + i}" for i in range(900)]
    label = made_up(900, 3, people=300).label
    assert roc_auc_score(label, [float(row["probability"]) for row in rows]) > 0.7


def test_unknown_and_missing(folder: Path) -> None:
    """Unknown texts, columns all missing and text among numbers are scored, and said."""
    path, out = folder / "odd.csv", folder / "odd-scores.csv"
    path.write_text("id,a,b,c,d,colour\nx,,1,?,,mauve\ny,,2,oops,,\n")
    done = run(
        "predict", folder / "bundle", "--table", path, "--id", "id", "--out", out, torch=False
    )
    assert done.returncode == 0
    assert "2 text cells in columns of numbers count as missing" in done.stderr
    assert np.isfinite(
        [float(line.split(",")[1]) for line in out.read_text().splitlines()[1:]]
    ).all()


def test_broken_table(folder: Path) -> None:
    """A broken file is one line with its place, and exit code 1."""
    path = folder / "broken.csv"
    path.write_text("id,a,b,c,d,colour\nx,1,2,3\n")
    done = run("predict", folder / "bundle", "--table", path, "--id", "id", "--out",
               folder / "never.csv", torch=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "lantern: broken.csv line 2: column 'd' is missing (4 cells, 6 columns)"
    )
    assert not (folder / "never.csv").exists()


def test_without_torch(folder: Path) -> None:
    """Training without torch says how to get it, with exit code 2."""
    done = run("train", "--table", "x", torch=False)
    assert done.returncode == 2
    assert "make install-training" in done.stderr


def test_again(folder: Path) -> None:
    """The same command gives the same bytes."""
    done = run(
        "train", "--table", folder / "train.csv", "--valid", folder / "valid.csv", "--id", "id",
        "--label", "y", "--group", "who", "--out", folder / "again" / "bundle", "--budget", "1",
        "--seeds", "1", "--quiet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for name in ("model.onnx", "manifest.json", "card.md", "report.html", "report.json"):
        again = folder / "again" / "bundle" / name
        assert (folder / "bundle" / name).read_bytes() == again.read_bytes(), name


def test_people_on_both_sides(folder: Path) -> None:
    """Groups of the judged part that were learned from are counted and said aloud."""
    write_csv(made_up(60, 4, people=20), folder / "some.csv")
    write_csv(made_up(60, 5, people=20), folder / "others.csv")
    lines = (folder / "others.csv").read_text().replace("\nr", "\ns")  # the people stay, ids do not
    (folder / "others.csv").write_text(lines)
    done = run(
        "train", "--table", folder / "some.csv", "--valid", folder / "others.csv", "--id", "id",
        "--label", "y", "--group", "who", "--out", folder / "both", "--budget", "1", "--seeds", "1",
        "--quiet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "groups of the judged part were learned from" in done.stderr
    assert "very inputs" not in done.stderr
    report = json.loads((folder / "both" / "report.json").read_bytes())
    assert report["fitting"]["checks"]["groups_on_both_sides"] > 10
    assert report["fitting"]["checks"]["ids_on_both_sides"] == 0


def test_the_same_rows_on_both_sides(folder: Path) -> None:
    """An id on both sides ends with 3 and names the column; what is allowed is counted and said."""
    words = (
        "train", "--table", folder / "train.csv", "--valid", folder / "train.csv", "--id", "id",
        "--label", "y", "--out", folder / "same", "--budget", "1", "--seeds", "1", "--quiet",
    )  # fmt: skip
    refused = run(*words)
    assert refused.returncode == 3, refused.stderr
    assert "'id': 400 rows of --valid" in refused.stderr
    assert not (folder / "same").exists()
    allowed = run(*words, "--allow", "id")
    assert allowed.returncode == 0, allowed.stderr
    assert "400 rows of the judged part have an id that was learned from" in allowed.stderr
    assert "400 rows of the judged part have the very inputs" in allowed.stderr
    report = json.loads((folder / "same" / "report.json").read_bytes())
    assert report["fitting"]["checks"]["equal_rows"] == 400
    assert any("very inputs" in one["text"]["en"] for one in report["in_short"][0])


def test_one_report(folder: Path) -> None:
    """The report of training and that of `evaluate` on the same part agree in every figure."""
    done = run(
        "evaluate", folder / "bundle", "--table", folder / "valid.csv", "--id", "id", "--label",
        "y", "--group", "who", "--seed", "2026", "--out", folder / "report", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (trained,) = json.loads((folder / "bundle" / "report.json").read_bytes())["evaluations"]
    (judged,) = json.loads((folder / "report" / "report.json").read_bytes())["evaluations"]
    assert [one["name"] for one in trained["scores"]] == [
        "network",
        "majority",
        "logistic",
        "trees",
    ]
    for key in ("rows", "students", "calibration", "budget", "missing", "prevalence"):
        assert numbers(trained[key]) == pytest.approx(numbers(judged[key]), abs=1e-6), key
    for one, other in zip(trained["scores"], judged["scores"], strict=False):
        assert numbers(one) == pytest.approx(numbers(other), abs=1e-6)
    page = (folder / "bundle" / "report.html").read_text(encoding="utf-8")
    assert "How it was fitted" in page
    assert "LightGBM" in page


def numbers(document: Any) -> list[float]:
    """Return all numbers in a document in their order."""
    if isinstance(document, dict):
        return [n for value in document.values() for n in numbers(value)]
    if isinstance(document, list):
        return [n for value in document for n in numbers(value)]
    return [float(document)] if isinstance(document, int | float) else []


def test_a_column_that_settles_the_label_is_refused(folder: Path) -> None:
    """A copy of the label is named with exit code 3 and no bundle; the user may allow it."""
    small = folder / "copied.csv"
    write_csv(made_up(120, 5, people=40), small)
    other = folder / "copied-valid.csv"
    with small.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with small.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "told"])
        writer.writeheader()
        writer.writerows({**row, "told": ["no", "yes"][int(row["y"])]} for row in rows)
    other.write_text(small.read_text().replace("\nr", "\ns"))
    words = (
        "train", "--table", small, "--valid", other, "--id", "id", "--label", "y",
        "--out", folder / "copied", "--budget", "1", "--seeds", "1", "--quiet",
    )  # fmt: skip
    refused = run(*words)
    assert refused.returncode == 3, refused.stderr
    assert "'told'" in refused.stderr
    assert not (folder / "copied").exists()
    allowed = run(*words, "--allow", "told")
    assert allowed.returncode == 0, allowed.stderr


def test_folds_by_time(folder: Path) -> None:
    """Times give expanding windows; where all rows are of one moment, that is a line and code 1."""
    table = folder / "timed.csv"
    write_csv(made_up(300, 6, people=60), table)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def train(times: list[str]) -> subprocess.CompletedProcess[str]:
        with table.open("w", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], "when"])
            writer.writeheader()
            writer.writerows({**row, "when": when} for row, when in zip(rows, times, strict=True))
        return run(
            "train", "--table", table, "--valid", table, "--id", "id", "--label", "y", "--group",
            "who", "--time", "when", "--out", folder / "timed", "--budget", "1", "--seeds", "1",
            "--allow", "id", "--quiet",
        )  # fmt: skip

    refused = train(["2026-09-01"] * len(rows))
    assert refused.returncode == 1
    assert "leave --time out" in refused.stderr
    done = train([f"2026-09-{1 + row // 10:02d}" for row in range(len(rows))])
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "timed" / "manifest.json").read_text())["rows"] == 300


def test_bundle_commands(folder: Path) -> None:
    """Card, comparison and export read a verified bundle; one that was altered is refused."""
    bundle = folder / "bundle"
    card = run("card", bundle, torch=False)
    assert "| ROC-AUC |" in card.stdout
    both = json.loads(run("compare", bundle, bundle, "--json", torch=False).stdout)
    assert both[0]["metrics"] == both[1]["metrics"]
    out = folder / "model.onnx"
    assert run("export", bundle, "--out", out, torch=False).returncode == 0
    assert out.read_bytes() == (bundle / "model.onnx").read_bytes()
    damaged = folder / "damaged"
    damaged.mkdir()
    for file in bundle.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    (damaged / "card.md").write_text("another")
    refused = run("card", damaged, torch=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("lantern: hash: card.md has SHA-256")
