"""`evaluate`: from a bundle and a labelled table to the honest report."""

import hashlib
import json
from pathlib import Path

import pytest
from tests.helpers.flat_tables import a_recipe, made_up, some_weights, write_csv

from training.bundle.manifest import TableManifest, encode
from training.bundle.writing import columns_of, write
from training.commands.main import main
from training.export.graph import build
from training.table.schema import Roles, Schema

pytestmark = pytest.mark.training
SCHEMA = Schema(Roles("id", "y"), ["a", "b", "c", "d"], ["colour"], "1", "0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a bundle that never learned, a table, and the bundle's scores as another model's."""
    home = tmp_path_factory.mktemp("evaluating")
    recipe = a_recipe()
    model = build(recipe, some_weights(recipe))
    manifest = TableManifest(
        format="table-1", model="m", title="M", columns=columns_of(SCHEMA, made_up(9).levels,
        recipe), label="y", positive="1", negative="0", rows=9, prevalence=0.5, metrics={}, seed=1,
        files={"model.onnx": hashlib.sha256(model).hexdigest()},
    )  # fmt: skip
    write({"model.onnx": model, "manifest.json": encode(manifest)}, home / "bundle", None)
    write_csv(made_up(600, 3, people=200), home / "test.csv", start=5000)
    words = ["predict", home / "bundle", "--table", home / "test.csv", "--id", "id"]
    assert main([*map(str, words), "--out", str(home / "other.csv")]) == 0
    return home


def evaluate(folder: Path, *more: str | Path) -> int:
    words = ["evaluate", folder / "bundle", "--table", folder / "test.csv", "--id", "id"]
    return main([*map(str, words), "--label", "y", "--group", "who", *map(str, more)])


def test_writes_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle that is no better than the model beside it is said not to be, and by group."""
    out = folder / "report"
    other = f"logistic={folder / 'other.csv'}"
    assert evaluate(
        folder, "--by", "colour", "--baseline", other, "--level", "yellow=0.5", "--out", out
    ) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert "! The network does not beat logistic regression" in said
    assert str(out / "report.html") in said
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (found,) = report["evaluations"]
    assert found["rows"] == 600
    assert found["students"] <= 200
    assert [one["name"] for one in found["scores"]] == ["network", "majority", "logistic"]
    assert {row["group"] for row in found["groups"][0]["groups"]} >= {"blue", "red"}
    assert {one["name"] for one in found["missing"]} == {"a", "b", "c", "d", "colour"}
    assert found["missing"][0]["share"]["value"] == pytest.approx(0.1, abs=0.05)
    assert found["levels"][0]["level"] == "yellow"
    assert "yellow" in (out / "report.html").read_text(encoding="utf-8")


def test_answers_in_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The findings come as one document, the base rate first."""
    assert evaluate(folder, "--out", folder / "again", "--json") == 0
    told = json.loads(capsys.readouterr().out)
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
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    more: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    """A wrong question is answered by what is wrong with it, and nothing is written."""
    assert evaluate(folder, *more, "--out", folder / "never") == code
    said = capsys.readouterr().err
    assert said.startswith("lantern: ")
    assert message in said
    assert said.count("\n") == 1
    assert not (folder / "never").exists()


def test_a_label_of_neither_kind_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A third label is refused with its row."""
    lines = (folder / "test.csv").read_text().splitlines()
    lines[3] = lines[3].rsplit(",", 1)[0] + ",2"
    (folder / "odd.csv").write_text("\n".join(lines) + "\n")
    assert evaluate(folder, "--table", folder / "odd.csv", "--out", folder / "never") == 1
    assert "odd.csv row 3 column 'y': the label is neither '1' nor '0'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,probability\nLi Lei,0.5\n", "no probability for the id of row 1 of the table"),
        ("id,probability\n5000,0.5\n5001,Li Lei\n", "not a file of id,probability (line 3)"),
    ],
)
def test_a_baseline_that_does_not_fit_names_no_row(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    """Neither the id of a row nor a cell of the file is told, only where it stands."""
    (folder / "bad.csv").write_text(text)
    assert evaluate(
        folder, "--baseline", f"other={folder / 'bad.csv'}", "--out", folder / "never"
    ) == 1  # fmt: skip
    said = capsys.readouterr().err
    assert says in said
    assert "Li Lei" not in said
    assert "5000" not in said
