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
from typing import Any
from zoneinfo import ZoneInfo

import psutil

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
_ROUNDS = 9


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

    def apply(self, events: Sequence[tuple[str, bytes]]) -> None:
        for parts in self.polls(events):
            self.service.handle(parts)
            self.service.snapshot(range(_PARTITIONS))  # a checkpoint takes what it has to write


def memory(students: int, days: int) -> dict[str, float]:
    """Return the bytes a student by which the process grew over `days` of history."""
    held, cards = Held(), Cards("memory")
    held.apply([(key, cards.event(key, FIRST_DAY)) for key in pseudonyms(1000)])
    held = Held()
    before = psutil.Process().memory_info().rss
    quiet = days - _BUSY_DAYS
    subjects = pseudonyms(students)
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        each, step = (1, _QUIET_STEP) if number < quiet else (_BUSY_EVENTS, 1)
        if number == 0:
            step = 1  # rows follow first mention: the thirds must not lie in pages of their own
        chosen = [key for key in subjects[number % step :: step] for _ in range(each)]
        for at in range(0, len(chosen), _POLL):  # a poll at a time: what waits is not state
            held.apply([(key, cards.event(key, day)) for key in chosen[at : at + _POLL]])
    grown = psutil.Process().memory_info().rss - before
    return {"bytes": grown / students, "state_bytes": held.service.nbytes / students}


def cost(students: int, days: int) -> dict[str, float]:
    """Return the processor time of one event on top of `days` of history."""
    held, cards = Held(), Cards("cost")
    subjects = pseudonyms(students)
    for batch in cards.days(subjects, days):
        held.apply(batch)
    day = FIRST_DAY + timedelta(days=days - 1)
    who = random.Random(2)  # noqa: S311 - load, not a secret
    times = []
    for _ in range(_ROUNDS):
        events = [(key, cards.event(key, day)) for key in who.choices(subjects, k=2 * _POLL)]
        polls = held.polls(events)
        began = _cpu_s()
        for parts in polls:
            held.service.handle(parts)
        times.append((_cpu_s() - began) / len(events))
        held.service.snapshot(range(_PARTITIONS))
    return {"us": min(times) * 1e6}


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
