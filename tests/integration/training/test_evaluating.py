"""`evaluate` as a process: from a bundle and a labelled table to the honest report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.helpers.flat_tables import made_up, write_csv

pytestmark = [pytest.mark.training, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[3]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "training", *map(str, words)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "training" / "src"), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train once, and score the test table as if by another model."""
    home = tmp_path_factory.mktemp("evaluating")
    write_csv(made_up(300, 1, people=100), home / "train.csv")
    write_csv(made_up(200, 2, people=90), home / "valid.csv")
    write_csv(made_up(600, 3, people=200), home / "test.csv", start=5000)
    roles = ("--id", "id", "--label", "y", "--group", "who")
    done = run(
        "train", "--table", home / "train.csv", "--valid", home / "valid.csv", *roles,
        "--out", home / "bundle", "--budget", "1", "--seeds", "1", "--folds", "2", "--quiet",
        "--no-teacher",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = run("predict", home / "bundle", "--table", home / "test.csv", "--id", "id", "--out",
               home / "logistic.csv")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home


def evaluate(folder: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    return run(
        "evaluate", folder / "bundle", "--table", folder / "test.csv", "--id", "id", "--label",
        "y", "--group", "who", *more,
    )  # fmt: skip


def test_writes_the_report(folder: Path) -> None:
    """A bundle that is no better than the model beside it is said not to be, and by group."""
    out = folder / "report"
    done = evaluate(
        folder, "--by", "colour", "--baseline", f"logistic={folder / 'logistic.csv'}",
        "--level", "yellow=0.5", "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "! The network does not beat logistic regression" in done.stdout
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (found,) = report["evaluations"]
    assert found["rows"] == 600
    assert found["students"] <= 200
    assert [one["name"] for one in found["scores"]] == ["network", "majority", "logistic"]
    assert {row["group"] for row in found["groups"][0]["groups"]} >= {"blue", "red"}
    assert {one["name"] for one in found["missing"]} == {"a", "b", "c", "d", "colour"}
    assert found["missing"][0]["share"]["value"] == pytest.approx(0.1, abs=0.05)


def test_answers_in_json(folder: Path) -> None:
    """The findings come as one document, the base rate first."""
    done = evaluate(folder, "--out", folder / "again", "--json")
    told = json.loads(done.stdout)
    assert told["findings"][0]["en"].startswith("First the base rate: of 600 rows")
    assert any("no logistic regression beside it" in one["en"] for one in told["findings"])


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--by", "nothing"), 1, "no column 'nothing'"),
        (("--baseline", "logistic=absent.csv"), 1, "absent.csv: not a file of id,probability"),
        (("--baseline", "logistic"), 2, "'logistic' is not NAME=VALUE"),
        (("--level", "blue=2"), 2, "'2' is not a share between 0 and 1"),
    ],
)
def test_what_does_not_fit_is_one_line(
    folder: Path, more: tuple[str, ...], code: int, message: str
) -> None:
    """A wrong question is answered by what is wrong with it, and nothing is written."""
    done = evaluate(folder, *more, "--out", folder / "never")
    assert done.returncode == code
    assert done.stderr.startswith("lantern: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "never").exists()
