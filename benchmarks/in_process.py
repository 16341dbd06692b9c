"""The feature service without a broker: figures of its state, run in a process of their own.

Run as a script: `memory STUDENTS DAYS` or `cost STUDENTS DAYS`; prints one JSON line.
"""

import json
import random
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from benchmarks.clocks import clocks_around
from benchmarks.load import FIRST_DAY, Cards, pseudonyms
from features.domain.emission import FlushRule
from features.service import FeatureService, Part, Rules
from shared.stream.partitioner import Partitioner

_PARTITIONS = 12
_POLL = 10_000
_BUSY_DAYS, _BUSY_EVENTS = (
    14,
    10,
)  # within the horizon of duplicates, a usual number of events a day
_QUIET_STEP = 3  # before, a third of the students a day: it touches every page of memory
_ROUNDS = 15
_HOT = "features.domain.intake"
_PARTS = {
    "decode": "features.service:read",
    "columns": f"{_HOT}:columns_of",
    "fields": f"{_HOT}:groups_of",
    "keys": f"{_HOT}:Intake._keys_of",
    "duplicates": f"{_HOT}:Intake._duplicates",
    "fold": f"{_HOT}:Intake._fold",
}


class Held:
    """A service that owns all partitions; between ticks nothing is evaluated."""

    def __init__(self) -> None:
        rules = Rules(ZoneInfo("Asia/Shanghai"), flush=FlushRule("ticks"))
        self.service = FeatureService(rules, time.monotonic, b"benchmark" * 4)
        for number in range(_PARTITIONS):
            self.service.load(number, None)
        self._ends = [0] * _PARTITIONS
        self._partition_of = Partitioner()

    def polls(self, events: Sequence[tuple[str, bytes]]) -> list[list[Part]]:
        """Cut events into polls, each with the parts of its partitions."""
        return [self._poll(events[at : at + _POLL]) for at in range(0, len(events), _POLL)]

    def _poll(self, events: Sequence[tuple[str, bytes]]) -> list[Part]:
        values: dict[int, list[bytes | None]] = defaultdict(list)
        for subject, value in events:
            values[self._partition_of(subject.encode(), _PARTITIONS)].append(value)
        parts = []
        for number, mine in values.items():
            start = self._ends[number]
            self._ends[number] += len(mine)
            parts.append(Part(number, range(start, start + len(mine)), mine))
        return parts

    def apply_day(
        self, cards: Cards, subjects: Sequence[str], number: int, *, each: int = 1, step: int = 1
    ) -> None:
        """Apply a day of `each` events of every `step`-th student, a poll at a time."""
        day = str(FIRST_DAY + timedelta(days=number))
        chosen = [key for key in subjects[number % step :: step] for _ in range(each)]
        for at in range(0, len(chosen), _POLL):  # what waits to be applied is not state
            self.apply([(key, cards.plain(key, day)) for key in chosen[at : at + _POLL]])

    def apply(self, events: Sequence[tuple[str, bytes]]) -> None:
        for parts in self.polls(events):
            self.service.handle(parts)
            self.service.snapshot(range(_PARTITIONS))  # a checkpoint takes what it has to write


def memory(students: int, days: int) -> dict[str, float]:
    """Return by how much the process grew over `days` of history, against itself without any."""
    subjects, cards = pseudonyms(students), Cards("memory")  # the measuring, not the measured
    held = Held()
    held.apply([(key, cards.plain(key, str(FIRST_DAY))) for key in subjects[:_PARTITIONS]])
    before = psutil.Process().memory_info().rss
    for number in range(days):
        is_busy = number >= days - _BUSY_DAYS
        held.apply_day(cards, subjects, number, each=_BUSY_EVENTS if is_busy else 1,
                       step=_QUIET_STEP if number and not is_busy else 1)  # fmt: skip
    after = psutil.Process().memory_info().rss
    return {
        "bytes": (after - before) / students,
        "state_bytes": held.service.nbytes / students,
        "empty_rss": before,
        "rss": after,
        "peak_rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "cpu_s": _cpu_s(),
    }


def cost(students: int, days: int) -> dict[str, Any]:
    """Return the processor time of one event on top of `days` of history, in parts.

    Every round is of equal size: two polls of 10,000 events, of students drawn by lot and of the
    last day; medians over the rounds are given.
    """
    held, cards = Held(), Cards("cost")
    subjects = pseudonyms(students)
    for number in range(days):
        held.apply_day(cards, subjects, number)
    who, last = random.Random(2), str(FIRST_DAY + timedelta(days=days - 1))  # noqa: S311 - load
    rounds: dict[str, list[float]] = defaultdict(list)
    for _ in range(_ROUNDS):
        events = [(key, cards.plain(key, last)) for key in who.choices(subjects, k=2 * _POLL)]
        polls = held.polls(events)
        with clocks_around(_PARTS) as clocks:
            began = _cpu_s()
            for poll in polls:
                held.service.handle(poll)
            whole = _cpu_s() - began
        parts = {"whole": whole, **clocks, "rest": whole - sum(clocks.values())}
        for name, seconds in parts.items():
            rounds[name].append(seconds / len(events) * 1e6)
        held.service.snapshot(range(_PARTITIONS))
    middle = {name: round(median(values), 3) for name, values in rounds.items()}
    return {"us": middle.pop("whole"), "parts_us": middle, "spread_us": sorted(rounds["whole"])}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(what: str, students: int, days: int) -> dict[str, Any]:
    """Run one of the above in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.in_process", what, str(students), str(days)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    run = {"memory": memory, "cost": cost}[sys.argv[1]]
    print(json.dumps(run(int(sys.argv[2]), int(sys.argv[3]))))
