"""Build the starter bundle from simulated students.

    python -m tools.build_starter_bundle                 write it where the service ships it
    python -m tools.build_starter_bundle --check         rebuild and compare, write nothing
    python -m tools.build_starter_bundle --out DIR --key FILE    elsewhere, signed by a key of yours

Without `--key` a key is made for this build, its public part goes to `trusted_keys.json` beside the
bundle's folder, and the private part is thrown away.
"""

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from numpy.typing import NDArray
from tools.starter_bundle import card, graph
from tools.starter_bundle.campus import FEATURES, Weeks, weeks_of
from tools.starter_bundle.figures import figures
from tools.starter_bundle.training import Examples, probability, train

from shared.bundle.keys import add_trusted, read_private, sign, trusted_key
from shared.bundle.manifest import (
    CARD,
    MANIFEST,
    MODEL,
    SIGNATURE,
    DataWindow,
    Manifest,
    Thresholds,
    encode,
)
from shared.drift.reference import FILE as REFERENCE
from shared.drift.reference import encode as encode_reference
from shared.drift.reference import reference_of
from shared.features.catalogue import CATALOGUE, catalogue_hash
from simulator.config import CampusConfig

Array = NDArray[Any]
HOME = Path(__file__).parents[1] / "services/scoring/src/scoring/bundles"
NAME = "starter"
MODEL_ID = "starter-1"
# of students a week at or above a level: what counsellors can answer, not what a score seems to say
LEVEL_SHARES = {"blue": 0.05, "yellow": 0.015, "orange": 0.003}
COVERAGE_FLOOR = 0.5
# what every student has who is observed at all: no learning platform, records or habit is needed
EVIDENCE = (
    "breakfast_rate", "meal_count", "meal_time_entropy", "spend_level", "spend_level_drop",
    "late_snack_rate", "library_visits", "library_stay", "late_return", "overnight_absence",
    "no_exit_days", "night_net_minutes", "sleep_gap_hours", "first_activity_time",
    "places_visited", "silent_days",
)  # fmt: skip
STREAMS = ("lantern.card.swiped.v1", "lantern.gate.passed.v1", "lantern.network.used.v1")


@dataclass(frozen=True)
class Plan:
    """How much is simulated; the shipped bundle uses the defaults."""

    seed: int = 2026
    students: int = 3000
    teams: int = 60
    days: int = 140
    first_day: int = 28
    end_week: int = 19
    watched_share: float = 0.3


def build(plan: Plan) -> dict[str, bytes]:
    """Return the files of the bundle, without its signature."""
    learned = weeks_of(_campus(plan, plan.seed), plan.first_day)
    held_out = weeks_of(_campus(plan, plan.seed + 1), plan.first_day)
    fit, watch = _split(learned, plan)
    network = train(fit, watch, seed=plan.seed)
    logistic = train(fit, watch, seed=plan.seed, hidden=False)
    scores = probability(network, held_out.values, held_out.usual)
    plain = probability(logistic, held_out.values, held_out.usual)
    reached = figures(scores, held_out.label, held_out.student, seed=plan.seed)
    baseline = figures(plain, held_out.label, held_out.student, seed=plan.seed)
    thresholds = _thresholds(probability(network, watch.values, watch.usual))
    rates = {level: float((scores >= getattr(thresholds, level)).mean()) for level in LEVEL_SHARES}
    manifest = Manifest(
        format=1,
        model=MODEL_ID,
        title="starter, trained on simulated students only",
        catalogue=catalogue_hash(),
        features=FEATURES,
        evidence=[name for name in FEATURES if name in EVIDENCE],
        thresholds=thresholds,
        coverage_floor=COVERAGE_FLOOR,
        prevalence=round(float(held_out.label.mean()), 4),
        metrics=reached | {f"logistic_{name}": value for name, value in baseline.items()},
        data=DataWindow(
            "simulated", plan.students, len(learned.label), learned.first, learned.last
        ),
        seed=plan.seed,
        files={},
    )
    text = card.render(manifest, reached, baseline, rates)
    learned_from = encode_reference(reference_of(FEATURES, learned.values))
    files = {
        MODEL: graph.build(network, FEATURES),
        CARD: text.encode(),
        REFERENCE: learned_from,
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {**files, MANIFEST: encode(structs.replace(manifest, files=hashes))}


def _campus(plan: Plan, seed: int) -> CampusConfig:
    return CampusConfig(
        seed=seed,
        students=plan.students,
        teams=plan.teams,
        colleges=min(8, plan.teams),
        days=plan.days,
        end_week=plan.end_week,
    )


def _split(weeks: Weeks, plan: Plan) -> tuple[Examples, Examples]:
    """Fit on some students' weeks (with feeds switched off in some), watch others' later weeks."""
    rng = np.random.default_rng(plan.seed)
    students = rng.permutation(plan.students)
    watched = np.isin(weeks.student, students[: int(plan.watched_share * plan.students)])
    later = weeks.day > np.median(weeks.day)
    values, usual, label = (part[~watched] for part in (weeks.values, weeks.usual, weeks.label))
    blind = [_without(values, usual, stream, rng) for stream in STREAMS]
    fit = Examples(
        np.concatenate([values, *(b[0] for b in blind)]),
        np.concatenate([usual, *(b[1] for b in blind)]),
        np.concatenate([label, *(label[b[2]] for b in blind)]),
    )
    chosen = watched & later
    return fit, Examples(weeks.values[chosen], weeks.usual[chosen], weeks.label[chosen])


def _without(
    values: Array, usual: Array, stream: str, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return a tenth of the rows as they would be with a stream dead."""
    rows = np.flatnonzero(rng.random(len(values)) < 0.1)  # noqa: PLR2004 - a tenth
    needs = np.array([one.rule == "all" and stream in one.streams for one in CATALOGUE])
    gone = np.where(needs, np.nan, 0.0)
    return values[rows] + gone, usual[rows] + gone, rows


def _thresholds(scores: Array) -> Thresholds:
    cuts = {name: round(float(np.quantile(scores, 1 - s)), 4) for name, s in LEVEL_SHARES.items()}
    return Thresholds(**cuts)


def write(files: dict[str, bytes], folder: Path, key: Path | None) -> None:
    """Write and sign a bundle; without a key, trust a fresh one and forget it."""
    folder.mkdir(parents=True, exist_ok=True)
    private = read_private(key) if key else Ed25519PrivateKey.generate()
    if key is None:
        trusted = folder.parent / "trusted_keys.json"
        trusted.unlink(missing_ok=True)
        add_trusted(trusted, trusted_key(private, "starter bundle; private part thrown away"))
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / SIGNATURE).write_bytes(sign(files[MANIFEST], private))


def differing(files: dict[str, bytes], folder: Path) -> list[str]:
    """Return the names of files that are not as built."""
    paths = {name: folder / name for name in files}
    return [n for n, p in paths.items() if not p.exists() or p.read_bytes() != files[n]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HOME / NAME)
    parser.add_argument("--key", type=Path, help="sign with this private key")
    parser.add_argument("--check", action="store_true", help="compare with --out, write nothing")
    arguments = parser.parse_args()
    files = build(Plan())
    if arguments.check:
        stale = differing(files, arguments.out)
        print(f"differs: {', '.join(stale)}" if stale else "as built")
        return 1 if stale else 0
    write(files, arguments.out, arguments.key)
    print(f"{arguments.out}: {sum(map(len, files.values()))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
