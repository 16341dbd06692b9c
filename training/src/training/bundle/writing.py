"""Make the files of a bundle and put them into a folder, the signature last."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from shared.bundle.keys import sign
from shared.bundle.manifest import CARD, MANIFEST, MODEL, SIGNATURE
from training.bundle.card import render
from training.bundle.context import context_of
from training.bundle.manifest import Column, TableManifest, encode, model_id
from training.evaluation.figures import Evaluation
from training.evaluation.summary import baseline_metrics, manifest_metrics
from training.preprocess.recipe import Recipe
from training.report import Fitting, Part, files
from training.table.schema import Schema


@dataclass(frozen=True)
class Facts:
    """What is told of a model beside its graph; `parts` are what it learned from and the judged."""

    name: str
    seed: int
    parts: tuple[Part, Part]
    network: str
    fitting: Fitting


def columns_of(schema: Schema, levels: list[list[str]], recipe: Recipe) -> list[Column]:
    numbers = [Column(name, "number") for name in schema.numbers]
    texts = [
        Column(name, "text", [known[code] for code in kept])
        for name, known, kept in zip(schema.texts, levels, recipe.kept, strict=True)
    ]
    return [*numbers, *texts]


def files_of(
    schema: Schema, columns: list[Column], *, model: bytes, judged: Evaluation, facts: Facts
) -> dict[str, bytes]:
    """Return the files without a signature; `model` is the ONNX file."""
    learned = facts.parts[0]
    manifest = TableManifest(
        format="table-1",
        model=model_id(facts.name),
        title=facts.name,
        columns=columns,
        label=schema.roles.label,
        positive=schema.positive,
        negative=schema.negative,
        rows=learned.rows,
        prevalence=learned.prevalence or 0.0,
        metrics={**manifest_metrics(judged), **baseline_metrics(judged)},
        seed=facts.seed,
        files={},
    )
    context = context_of(manifest, parts=facts.parts, network=facts.network)
    reports = files([judged], context, facts.fitting)
    card = render(manifest, judged, facts.fitting)
    found = {MODEL: model, **reports, CARD: card.encode()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    return {**found, MANIFEST: encode(structs.replace(manifest, files=hashes))}


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
