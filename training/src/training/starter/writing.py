"""The bundle of a vector model: manifest, card and report beside the graph, then the signature."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from shared.bundle.manifest import CARD, MANIFEST, MODEL, DataWindow, Manifest, encode
from shared.drift.reference import FILE as REFERENCE
from shared.drift.reference import encode as encode_reference
from shared.features.catalogue import CATALOGUE, catalogue_hash
from training.evaluation.figures import DataKind
from training.evaluation.summary import manifest_metrics
from training.network.weights import told as told_network
from training.report import Checks, Context, Fitting, Part, Words
from training.report import files as report_files
from training.starter.card import render
from training.starter.learning import Learned

COVERAGE_FLOOR = 0.5
# what every student has who is observed at all: no learning platform, records or habit is needed
EVIDENCE = frozenset(
    {
        "breakfast_rate", "meal_count", "meal_time_entropy", "spend_level", "spend_level_drop",
        "late_snack_rate", "library_visits", "library_stay", "late_return", "overnight_absence",
        "no_exit_days", "night_net_minutes", "sleep_gap_hours", "first_activity_time",
        "places_visited", "silent_days",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What is said of a model beside its figures; `terms` are lines about its data.

    `limits` are what this model does not know, `names` those of its groups.
    """

    model: str
    title: str
    data: DataKind
    seed: int
    terms: list[str]
    learning: dict[str, Any]
    judging: dict[str, Any]
    limits: tuple[Words, ...] = ()
    names: dict[str, Words] = field(default_factory=dict)


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
        evidence=[name for name in features if name in EVIDENCE],
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
        REFERENCE: encode_reference(learned.reference),
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
        network=told_network(learned.fitted.weights),
        thresholds={
            name: getattr(manifest.thresholds, name) for name in ("blue", "yellow", "orange")
        },
        limits=told.limits,
        names=told.names,
    )
    own = learned.fitted
    fitting = Fitting(own.chosen, tuple(own.trials), Checks())  # `dataset build` parts the sides
    return report_files([learned.evaluation], context, fitting)
