"""T1: the feature service catching up, as a share of a bare aiokafka consumer of the same topic."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.catching_up import catch_up
from benchmarks.figure import Figure, at_least
from benchmarks.stand import Say, Stand, campus, stand
from shared.contracts.topics import CAMPUS_EVENTS

STUDENTS, DAYS, DAYS_WITH_TICKS = 2_500, 45, 10
FIRST_LANDING, STATE = 0.40, 0.70
_BARE = Path(__file__).with_name("bare_consumer.py")


def bare(here: Stand, records: int) -> dict[str, Any]:
    """Run the bare consumer in a process of its own."""
    command = [sys.executable, str(_BARE), here.servers, CAMPUS_EVENTS.name, str(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(say: Say) -> Figure:
    """Measure a backlog between two ticks, then one that crosses the ends of ten campus days.

    The first is what a worker finds that was away for some hours: it folds, and coalesces what
    changed. In the second every day's end evaluates every student, which costs more than events.
    """
    plain = _side(say, "no tick in the backlog", days=DAYS, ticks=False)
    daily = _side(say, "a tick a day", days=DAYS_WITH_TICKS, ticks=True)
    return at_least(
        "T1",
        "features catching up / bare consumer, events a processor second",
        plain["ratio"],
        target=FIRST_LANDING,
        unit="x",
        target_of_the_finished_state=STATE,
        students=STUDENTS,
        without_ticks=plain,
        with_daily_ticks=daily,
    )


def _side(say: Say, what: str, *, days: int, ticks: bool) -> dict[str, Any]:
    """Measure bare, features, bare: both bare runs together even out a drifting machine."""
    with stand() as here:
        records = here.fill(campus(STUDENTS, days=days), ticks=ticks)
        first = bare(here, records)
        lantern = catch_up(here, records)
        second = bare(here, records)
    bare_cpu = 2 * records / (first["cpu_s"] + second["cpu_s"])
    bare_wall = 2 * records / (first["wall_s"] + second["wall_s"])
    ratio = lantern.per_cpu_s / bare_cpu
    say(f"{what}: {records:,} records, features {lantern.per_cpu_s:,.0f}, bare {bare_cpu:,.0f}")
    return {
        "ratio": round(ratio, 3),
        "records": records,
        "bare_per_cpu_s": round(bare_cpu),
        "features_per_cpu_s": round(lantern.per_cpu_s),
        "bare_per_wall_s": round(bare_wall),
        "features_per_wall_s": round(lantern.per_wall_s),
        "ratio_of_wall": round(lantern.per_wall_s / bare_wall, 3),
        "checkpoints": lantern.saves,
        "vectors_published": lantern.vectors,
    }
