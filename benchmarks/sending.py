"""Drive the light sender as a process of its own, and see what the load cost whom."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from benchmarks import open_loop
from benchmarks.stand import ROOT, Process, Stand

Outcomes = list[list[float]]
"""Of each request: due, sent and answered, in seconds of the system's clock, and its status."""


@dataclass(frozen=True)
class Spent:
    """Cores used by service, broker and sender, and by all else on the machine."""

    wall_s: float
    cores: dict[str, float]
    others: float

    def us_each(self, events: int) -> dict[str, float]:
        """Return processor microseconds an event."""
        us = 1e6 * self.wall_s / events
        return {name: round(cores * us, 1) for name, cores in self.cores.items()}


def send(
    here: Stand,
    requests: Sequence[bytes],
    services: Mapping[str, Process],
    *,
    step_s: float,
    connections: int,
) -> tuple[Outcomes, Spent]:
    """Send requests to ingest on a fixed schedule, and return when all are answered."""
    source, target = here.home / "requests.bin", here.home / "answers.json"
    open_loop.store(requests, source)
    ingest = services["ingest"].url.removeprefix("http://")
    host, _, port = ingest.partition(":")
    more = [host, port, str(step_s), str(connections), str(source), str(target)]
    command = [sys.executable, "-m", "benchmarks.open_loop", *more]
    before, began = {name: s.cpu_s() for name, s in services.items()}, time.monotonic()
    broker, busy = here.broker_cpu_s(), busy_s()
    sender, used = here.start("sender", command, {"PYTHONPATH": str(ROOT)}), 0.0
    while sender.handle.poll() is None:
        used = max(used, sender.cpu_s())
        time.sleep(0.2)
    wall = time.monotonic() - began
    if sender.handle.returncode:
        raise RuntimeError(f"the sender failed\n{sender.log.read_text()[-2000:]}")
    spent = {name: s.cpu_s() - before[name] for name, s in services.items()}
    spent |= {"broker": here.broker_cpu_s() - broker, "sender": used}
    others = max(0.0, busy_s() - busy - sum(spent.values()))
    cores = {name: round(seconds / wall, 3) for name, seconds in spent.items()}
    outcomes: Outcomes = json.loads(target.read_text())
    return outcomes, Spent(wall, cores, round(others / wall, 3))


def busy_s() -> float:
    """Return the processor seconds of the whole machine."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)
