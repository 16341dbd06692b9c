"""Bundles of tables: what is refused, and what scoring says of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.helpers.flat_tables import a_recipe, made_up, some_weights, write_csv

from shared.bundle.keys import TrustedKeys, new_private, trusted_key
from shared.bundle.reading import BundleRefusedError
from shared.bundle.reading import read_bundle as read_for_scoring
from shared.kernel.errors import ConfigError
from training.bundle.manifest import Column, TableManifest, encode, model_id
from training.bundle.reading import read_bundle
from training.bundle.writing import columns_of, write
from training.export.graph import build
from training.predict import Scorer, predict
from training.table.schema import Roles, Schema

pytestmark = pytest.mark.training
RECIPE = a_recipe()
SCHEMA = Schema(Roles("id", "y"), ["a", "b", "c", "d"], ["colour"], "1", "0")


def files() -> dict[str, bytes]:
    model = build(RECIPE, some_weights(RECIPE))
    columns = columns_of(SCHEMA, made_up(9).levels, RECIPE)
    manifest = TableManifest(
        format="table-1", model="m", title="M", columns=columns,
        label="y", positive="1", negative="0", rows=9, prevalence=0.5, metrics={}, seed=1,
        files={"model.onnx": hashlib.sha256(model).hexdigest()},
    )  # fmt: skip
    return {"model.onnx": model, "manifest.json": encode(manifest)}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write(files(), tmp_path / "bundle", None)
    return tmp_path / "bundle"


def refusal(folder: Path, trusted: TrustedKeys | None = None) -> str:
    with pytest.raises(BundleRefusedError) as caught:
        read_bundle(folder, trusted)
    return caught.value.reason


def test_whole(bundle: Path) -> None:
    """A bundle is read back as it was written, unsigned."""
    found = read_bundle(bundle)
    assert found.signer is None
    assert found.manifest.numbers == ["a", "b", "c", "d"]
    assert set(found.manifest.texts[0].levels) == set(made_up(9).levels[0])


def test_altered(bundle: Path) -> None:
    """A changed file is refused by its hash, a changed manifest by its signature."""
    (bundle / "model.onnx").write_bytes(b"other")
    assert refusal(bundle) == "hash"


def test_signatures(tmp_path: Path) -> None:
    """With trusted keys only what one of them signed is read."""
    own, other = new_private(tmp_path / "own"), new_private(tmp_path / "other")
    trusted, strange = (TrustedKeys([trusted_key(key, "")]) for key in (own, other))
    folder = tmp_path / "bundle"
    write(files(), folder, own)
    assert read_bundle(folder, trusted).signer == trusted.keys[0].id
    assert refusal(folder, strange) == "untrusted"
    manifest = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(manifest.replace(b'"title": "M"', b'"title": "N"'))
    assert refusal(folder, trusted) == "signature"
    write(files(), folder, None)
    assert refusal(folder, trusted) == "unreadable"  # the old signature is gone


def test_nobody_is_named_before_the_signature_is_verified(tmp_path: Path) -> None:
    """Without keys to verify with, whom a file names as its signer is a claim and not told."""
    own = new_private(tmp_path / "own")
    write(files(), tmp_path / "bundle", own)
    assert read_bundle(tmp_path / "bundle").signer is None
    assert read_bundle(tmp_path / "bundle", TrustedKeys([trusted_key(own, "")])).signer is not None


def test_scoring_refuses_it(tmp_path: Path) -> None:
    """The service that scores students says that this is no bundle of its own."""
    own = new_private(tmp_path / "own")
    write(files(), tmp_path / "bundle", own)
    with pytest.raises(BundleRefusedError) as caught:
        read_for_scoring(
            tmp_path / "bundle", TrustedKeys([trusted_key(own, "")]), catalogue="", features=[]
        )
    assert caught.value.reason == "manifest"


@pytest.mark.parametrize("change", [{"format": 1}, {"columns": 3}, {"strange": 1}])
def test_manifest_is_strict(bundle: Path, change: dict[str, Any]) -> None:
    """What the manifest does not know is refused."""
    document = json.loads((bundle / "manifest.json").read_bytes()) | change
    (bundle / "manifest.json").write_text(json.dumps(document))
    assert refusal(bundle) == "manifest"


def test_names() -> None:
    """Any name becomes an id."""
    assert model_id("Failing, term 6 (v2.1)") == "failing-term-6-v2.1"
    assert model_id("预警") == "model"


def scores(bundle: Path, text: str) -> list[str]:
    table, out = bundle.parent / "t.csv", bundle.parent / "s.csv"
    table.write_text(text, encoding="utf-8")
    predict(read_bundle(bundle), table, "id", out)
    return out.read_text().splitlines()


def test_scores_in_order(bundle: Path) -> None:
    """Every row gets a probability, in order, whatever it holds; ids are given back as text."""
    lines = scores(
        bundle, "colour,b,a,c,d,id,more\nred,1,2,3,4,007,x\nnew,,,,,é,\n,?,inf,-inf,1e400,z,\n"
    )
    assert lines[0] == "id,probability"
    assert [line.split(",")[0] for line in lines[1:]] == ["007", "é", "z"]
    assert all(0 < float(line.split(",")[1]) < 1 for line in lines[1:])


def test_same_as_the_graph(bundle: Path) -> None:
    """Cells of a file become what the graph was given in training."""
    table = made_up(50, seed=3)
    write_csv(table, bundle.parent / "made.csv")
    out = bundle.parent / "s.csv"
    rows, strange = predict(read_bundle(bundle), bundle.parent / "made.csv", "id", out)
    assert (rows, strange) == (50, 0)
    kept = RECIPE.kept[0]
    codes = np.array([[kept.index(code)] for code in table.codes[:, 0]])
    expected = Scorer(read_bundle(bundle)).run(table.numbers, codes)[0]
    found = [float(line.split(",")[1]) for line in out.read_text().splitlines()[1:]]
    assert found == pytest.approx(expected.tolist(), abs=1e-12)


def test_nothing_half_written(bundle: Path) -> None:
    """A broken table leaves no scores behind."""
    with pytest.raises(Exception, match="line 3"):
        scores(bundle, "id,a,b,c,d,colour\n1,1,1,1,1,red\n2,1\n")
    assert {path.name for path in bundle.parent.iterdir()} == {"bundle", "t.csv"}


def test_only_text_or_only_numbers() -> None:
    """Columns are told apart by their kind."""
    assert Column("c", "text", ["a"]).levels == ["a"]


def test_scores_need_a_folder(bundle: Path) -> None:
    """Where there is none, it is named before a row is read."""
    out = bundle.parent / "nowhere" / "s.csv"
    with pytest.raises(ConfigError, match="nowhere is no folder"):
        predict(read_bundle(bundle), bundle.parent / "none.csv", "id", out)
