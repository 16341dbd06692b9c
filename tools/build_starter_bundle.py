"""Build the starter bundle: simulated terms, the data set pipeline, the training, a signature.

    python -m tools.build_starter_bundle                 write it where the service ships it
    python -m tools.build_starter_bundle --out DIR --key FILE    elsewhere, signed by a key of yours
    python -m tools.build_starter_bundle --small --out DIR       in two minutes, to try the way

It learns from several simulated terms (two whole campuses, and three where a feed does not exist)
and is judged on a later term of other campuses with other seeds. Needs `.venv-training` for the
training itself. Without `--key` a key is made for this build, its public part goes to
`trusted_keys.json` beside the bundle's folder, and the private part is thrown away.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tools.simulated_terms import live, write_groups

from shared.bundle.keys import add_trusted, read_private, sign, trusted_key
from shared.bundle.manifest import MANIFEST, SIGNATURE
from simulator.campus import build_campus
from simulator.config import CampusConfig

ROOT = Path(__file__).parents[1]
HOME = ROOT / "services/scoring/src/scoring/bundles"
NAME = "starter"
LEARNED = datetime(2026, 7, 5, 12, tzinfo=UTC)
JUDGED = datetime(2027, 1, 17, 12, tzinfo=UTC)
END_WEEK = 19
DAYS = 140
FIRST_WEEKS = 4  # before which there is little to see


LIMITS = {
    "模拟校园没有性别，因此没有按性别的数字。": (
        "The simulated campus has no gender: nothing is shown by it."
    ),
    "模拟学生是否需要帮助与学院、入学年份无关，各组之间的差别出于偶然。": (
        "A simulated student's need does not depend on college or intake year: groups differ in it "
        "by chance."
    ),
}


@dataclass(frozen=True)
class Campus:
    """One simulated term: its seed, size, end, and feeds that do not exist there."""

    name: str
    seed: int
    students: int
    end: datetime
    without: tuple[str, ...] = ()

    def config(self) -> CampusConfig:
        """Return the simulator's configuration."""
        teams = max(8, self.students // 50)
        return CampusConfig(
            seed=self.seed, students=self.students, teams=teams, colleges=min(8, teams),
            days=DAYS, end=self.end, end_week=END_WEEK,
        )  # fmt: skip


LEARNING = (
    Campus("a", 2026, 700, LEARNED),
    Campus("b", 2027, 700, LEARNED),
    Campus("c", 2028, 250, LEARNED, ("card",)),
    Campus("d", 2029, 250, LEARNED, ("door",)),
    Campus("e", 2030, 250, LEARNED, ("network",)),
)
WATCHING = (Campus("w", 2031, 700, LEARNED),)
JUDGING = (Campus("y", 3026, 900, JUDGED), Campus("z", 3027, 900, JUDGED))


def data_set(campus: Campus, folder: Path) -> Path:
    """Live through a term and build its data set, unless it is there; returns its folder."""
    if (folder / "set" / "train.csv").exists():
        return folder / "set"
    began = time.monotonic()
    lived = live(campus.config(), folder, name=campus.name, without=campus.without)
    _run(
        [
            sys.executable, "-m", "training.dataset", "build", "--truth", str(lived.truth),
            "--max-age", "0", "--students", "0.8,0.1,0.1", "--times", "0.8,0.1,0.1",
            "--as-of", _mornings(campus), "--out", str(folder / "set"),
        ],
        {"LANTERN_FEATURES_DATABASE_URL": lived.database},
    )  # fmt: skip
    (folder / "features.db").unlink()  # gone into the set
    print(f"term {campus.name}: {time.monotonic() - began:.0f} s", flush=True)
    return folder / "set"


def _mornings(campus: Campus) -> str:
    """Return the weeks that count, in the words of the command."""
    first = datetime.fromtimestamp(campus.end.timestamp() - DAYS * 86_400, UTC).date()
    origin = first.toordinal() + 1 + 7 * FIRST_WEEKS
    last = campus.end.date().toordinal() + 1
    return f"{_iso(origin)}..{_iso(last)}/7"


def _iso(ordinal: int) -> str:
    return datetime.fromordinal(ordinal).date().isoformat()


def by_groups(judged: list[Campus], path: Path) -> list[str]:
    """Write who is of which college and intake; return the words that hand it to the training."""
    write_groups([(one.name, one.config()) for one in judged], path)
    colleges = {c.id: c for one in judged for c in build_campus(one.config()).colleges}
    words = ["--groups", str(path)]
    for one in colleges.values():
        words += ["--called", one.id, one.name, one.name_en]
    for zh, en in LIMITS.items():
        words += ["--limit", zh, en]
    return words


def train(sets: dict[str, list[Path]], out: Path, more: list[str]) -> None:
    """Run the training in its own environment."""
    python = ROOT / ".venv-training" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{python.relative_to(ROOT)} does not exist: `make install-training`")
    words = [str(python), "-m", "training.starter", "--out", str(out)]
    words += [word for name, own in sets.items() for word in (f"--{name}", *map(str, own))]
    _run([*words, *more], {})


def _run(words: list[str], variables: dict[str, str]) -> None:
    path = os.pathsep.join([str(ROOT / "training" / "src"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **variables, "PYTHONPATH": path}
    environment.pop("LANTERN_PSEUDONYM_KEY", None)  # simulated names are nobody's numbers
    subprocess.run(words, env=environment, check=True, cwd=ROOT)  # noqa: S603 - our own modules


def described(groups: dict[str, list[Campus]]) -> list[str]:
    """Return the lines of the card about the data."""
    return [
        f"Learned from {_list(groups['learn'])}; levels set on {_list(groups['watch'])}.",
        f"That term ends {LEARNED.date()}.",
        f"Judged on {_list(groups['judge'])}; the later term ends {JUDGED.date()}.",
        "Seeds, students and term of the judged data are others than those learned from.",
        "Label: the simulated student is worsening or unwell on that morning.",
        "Vectors are the feature service's own, as known that morning (`lantern dataset build`).",
        "Made by `python -m tools.build_starter_bundle`, never edited by hand.",
    ]


def _list(campuses: list[Campus]) -> str:
    return ", ".join(
        f"seed {one.seed} ({one.students} students"
        + (f", no {' or '.join(one.without)} feed)" if one.without else ")")
        for one in campuses
    )


def signed(out: Path, key: Path | None) -> None:
    """Sign a bundle; without a key, trust a fresh one and forget it."""
    private = read_private(key) if key else Ed25519PrivateKey.generate()
    if key is None:
        trusted = out.parent / "trusted_keys.json"
        trusted.unlink(missing_ok=True)
        add_trusted(trusted, trusted_key(private, "starter bundle; private part thrown away"))
    (out / SIGNATURE).write_bytes(sign((out / MANIFEST).read_bytes(), private))


def build(out: Path, key: Path | None, work: Path, *, small: bool, workers: int) -> None:
    """Build everything; data sets that are in `work` already are taken as they are."""
    named = {"learn": LEARNING, "watch": WATCHING, "judge": JUDGING}
    groups = {
        name: [replace(one, students=max(80, one.students // 10)) if small else one for one in own]
        for name, own in named.items()
    }
    campuses = [one for own in groups.values() for one in own]
    with ProcessPoolExecutor(workers) as pool:
        made = dict(
            zip(
                campuses,
                pool.map(data_set, campuses, [work / c.name for c in campuses]),
                strict=True,
            )
        )
    sets = {name: [made[one] for one in own] for name, own in groups.items()}
    terms = [word for line in described(groups) for word in ("--term", line)]
    train(sets, out, [*terms, *by_groups(groups["judge"], work / "groups.csv")])
    signed(out, key)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HOME / NAME)
    parser.add_argument("--key", type=Path, help="sign with this private key")
    parser.add_argument("--small", action="store_true", help="a tenth of the students")
    parser.add_argument("--work", type=Path, help="keep the data sets here, and use those there")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    out = arguments.out.absolute()
    with tempfile.TemporaryDirectory() as folder:
        work = (arguments.work or Path(folder)).absolute()
        build(out, arguments.key, work, small=arguments.small, workers=arguments.workers)
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
