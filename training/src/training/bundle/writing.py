"""Make the files of a bundle and put them into a folder, the signature last."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.bundle.keys import sign
from shared.bundle.manifest import CARD, MANIFEST, MODEL, SIGNATURE, Metric
from training.bundle.card import render
from training.bundle.manifest import REPORT, Column, TableManifest, encode, model_id
from training.fit.pipeline import Fitted
from training.preprocess.recipe import Recipe
from training.table.schema import Schema


@dataclass(frozen=True)
class Facts:
    """What is told of a model beside its weights."""

    name: str
    rows: int
    prevalence: float
    metrics: dict[str, Metric]
    report: dict[str, Any]
    seed: int


def columns_of(schema: Schema, levels: list[list[str]], recipe: Recipe) -> list[Column]:
    numbers = [Column(name, "number") for name in schema.numbers]
    texts = [
        Column(name, "text", [known[code] for code in kept])
        for name, known, kept in zip(schema.texts, levels, recipe.kept, strict=True)
    ]
    return [*numbers, *texts]


def files_of(
    schema: Schema, columns: list[Column], fitted: Fitted, *, model: bytes, facts: Facts
) -> dict[str, bytes]:
    """Return the files without a signature; `model` is the ONNX file."""
    manifest = TableManifest(
        format="table-1",
        model=model_id(facts.name),
        title=facts.name,
        columns=columns,
        label=schema.roles.label,
        positive=schema.positive,
        negative=schema.negative,
        rows=facts.rows,
        prevalence=round(facts.prevalence, 6),
        metrics=facts.metrics,
        seed=facts.seed,
        files={},
    )
    report = {**facts.report, "chosen": fitted.chosen, "trials": fitted.trials}
    files = {MODEL: model, REPORT: encode(report), CARD: render(manifest, report).encode()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = TableManifest(
        **{f: getattr(manifest, f) for f in manifest.__struct_fields__ if f != "files"},
        files=hashes,
    )
    return {**files, MANIFEST: encode(manifest)}


def write(files: dict[str, bytes], folder: Path, private: Ed25519PrivateKey | None) -> None:
    """Write the files beside the folder and move them there; a signature of before goes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    if private is not None:
        (fresh / SIGNATURE).write_bytes(sign(files[MANIFEST], private))
    folder.mkdir(exist_ok=True)
    (folder / SIGNATURE).unlink(missing_ok=True)
    for file in sorted(fresh.iterdir(), key=lambda path: path.name == SIGNATURE):
        file.replace(folder / file.name)
    fresh.rmdir()
