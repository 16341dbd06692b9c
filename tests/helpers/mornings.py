"""What was served on each morning of a replay, against what `dataset build` makes of it later."""

import csv
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.conftest import ROOT

from shared.contracts.event import FeedDay, FeedYield, Tick
from shared.contracts.features import FeatureVector
from shared.features.catalogue import CATALOGUE
from shared.kernel.campus_time import day_start, format_utc
from simulator.feeds import FEEDS

NAMES = [one.id for one in CATALOGUE]
PARTS = ("", ".usual", ".coverage")
COLUMNS = [*(f"{name}{part}" for part in PARTS for name in NAMES), "masked", "exam"]
ZONE = ZoneInfo("Asia/Shanghai")
ByDay = dict[str, dict[str, list[str]]]
"""Morning -> student -> the cells of the vector that was served then."""
Difference = tuple[str, str, str, str]


def offline(by_day: ByDay, url: str, folder: Path, *, most: int) -> tuple[int, list[Difference]]:
    """Build tables of random pairs; return how many pairs they hold, and which cells differ."""
    draw = random.Random(7)  # noqa: S311 - which pairs are looked at
    pairs = [(day, name) for day, known in by_day.items() for name in known]
    labels = folder / "labels.csv"
    chosen = draw.sample(pairs, min(most, len(pairs)))
    lines = [f"{name},{day},{draw.randrange(2)}" for day, name in chosen]
    labels.write_text("\n".join(["student,time,label", *lines]) + "\n")
    rows = list(_built(url, labels, folder / "out"))
    return len(rows), [
        (row["id"], name, row[name], was)
        for row in rows
        for name, was in zip(COLUMNS, by_day[_morning(row)][row["student"]], strict=True)
        if row[name] != was
    ]


def cells_of(vector: FeatureVector) -> list[str]:
    numbers = [*vector.values, *vector.usual, *vector.coverage]
    flags = [str(int(vector.masked is not None)), str(int(vector.exam))]
    return [*("" if one is None else repr(one) for one in numbers), *flags]


def a_morning_tick(morning: date, number: int) -> Tick:
    """Return a morning's tick: yesterday's yield is revised by the next one, and a feed dies."""
    told = []
    for name, feed in sorted(FEEDS.items()):
        dead = name == "network" and 50 <= number < 57
        shares = [0.0 if dead else 1.0] * 6
        if number % 4 == 1:
            shares[0] = 0.5
        told.append(
            FeedYield(
                feed=name,
                types=list(feed.types),
                state="dead" if dead else "alive",
                days=[
                    FeedDay((morning - timedelta(days=back + 1)).isoformat(), 9, share)
                    for back, share in enumerate(shares)
                ],
            )
        )
    moment = format_utc(day_start(morning, ZONE))
    return Tick(id=f"tick-{morning}", time=moment, feeds=told)


def _morning(row: dict[str, str]) -> str:
    return row["id"].split("|")[1]


def _built(url: str, labels: Path, out: Path) -> Iterator[dict[str, str]]:
    """Run the command and yield its rows."""
    command = [sys.executable, "-m", "training.dataset", "build", "--labels", str(labels)]
    shares = ["--students", "0.5,0.25,0.25", "--max-age", "0", "--out", str(out)]
    path = os.pathsep.join([str(ROOT / "training/src"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "LANTERN_FEATURES_DATABASE_URL": url, "PYTHONPATH": path}
    environment.pop("LANTERN_PSEUDONYM_KEY", None)
    done = subprocess.run(
        [*command, *shares], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for part in ("train", "valid", "test"):
        with (out / f"{part}.csv").open(encoding="utf-8") as file:
            yield from csv.DictReader(file)
