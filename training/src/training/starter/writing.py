"""The bundle of a vector model: manifest, card and report beside the graph, then the signature."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs

from shared.bundle.manifest import CARD, MANIFEST, MODEL, DataWindow, Manifest, encode
from shared.features.catalogue import CATALOGUE, catalogue_hash
from training.evaluation.figures import DataKind
from training.evaluation.summary import manifest_metrics
from training.report import Context, Part, Words
from training.report import write as write_report
from training.starter.card import render
from training.starter.learning import Learned, network_of

COVERAGE_FLOOR = 0.5


@dataclass(frozen=True)
class Told:
    """What is said of a model beside its figures; `terms` are lines about its data."""

    model: str
    title: str
    data: DataKind
    seed: int
    terms: list[str]
    learning: dict[str, Any]
    judging: dict[str, Any]


def files_of(learned: Learned, told: Told) -> dict[str, bytes]:
    """Return the files of the bundle without its signature."""
    features = [one.id for one in CATALOGUE]
    judged = learned.evaluation
    manifest = Manifest(
        format=1,
        model=told.model,
        title=told.title,
        catalogue=catalogue_hash(),
        features=features,
        evidence=[one.id for one in CATALOGUE if one.rule != "record"],
        thresholds=learned.thresholds,
        coverage_floor=COVERAGE_FLOOR,
        prevalence=round(judged.prevalence.value or 0.0, 4),
        metrics=manifest_metrics(judged),
        data=DataWindow(
            "simulated" if told.data == "simulated" else "campus",
            told.learning["students"],
            told.learning["rows"],
            told.learning["first"][:10],
            told.learning["last"][:10],
        ),
        seed=told.seed,
        files={},
    )
    files = {
        MODEL: learned.model,
        CARD: render(manifest, learned, told).encode(),
        **_report(learned, told, manifest),
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {**files, MANIFEST: encode(structs.replace(manifest, files=hashes))}


def _report(learned: Learned, told: Told, manifest: Manifest) -> dict[str, bytes]:
    context = Context(
        title=Words("随附模型（仅模拟学生）", told.title),
        model=told.model,
        data=told.data,
        description=Words(
            "在模拟学期上训练，在另一个更晚的模拟学期上检验。", "\n".join(told.terms)
        ),
        seed=told.seed,
        parts=tuple(
            Part(
                name,
                students=one["students"],
                rows=one["rows"],
                prevalence=one["prevalence"],
                start=one["first"][:10],
                end=one["last"][:10],
            )
            for name, one in (("train", told.learning), ("test", told.judging))
        ),
        inputs=len(manifest.features),
        catalogue=manifest.catalogue,
        network=network_of(learned),
        thresholds={
            name: getattr(manifest.thresholds, name) for name in ("blue", "yellow", "orange")
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = write_report([learned.evaluation], context, Path(folder))
        return {path.name: path.read_bytes() for path in paths}
