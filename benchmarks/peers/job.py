"""The job of figure T2 in plain Python: fold an event into a student's days, return a vector."""

import json
import os
import resource
import sys
import time
from pathlib import Path

try:
    from orjson import loads
except ImportError:
    from json import loads

WEEK = 7
began = [time.perf_counter(), 0.0]
every = 1
folded = 0


def fold(days, event):
    """Fold one decoded event into `{day: [count, fen, first, last]}`; each n-th gives a vector."""
    global folded
    stamp = event["time"]
    day = stamp[:10]
    minute = int(stamp[11:13]) * 60 + int(stamp[14:16])
    slot = days.get(day)
    if slot is None:
        slot = days[day] = [0, 0, 1440, 0]
    slot[0] += 1
    slot[1] += round(event["data"].get("amount", 0) * 100)
    slot[2] = min(slot[2], minute)
    slot[3] = max(slot[3], minute)
    folded += 1
    return None if folded % every else vector(days)


def vector(days):
    """Return events, spend, first and last minute and active days over the last week of days."""
    recent = [days[day] for day in sorted(days)[-WEEK:]]
    n = len(recent)
    return [
        sum(s[0] for s in recent) / n,
        sum(s[1] for s in recent) / n,
        sum(s[2] for s in recent) / n,
        sum(s[3] for s in recent) / n,
        n,
    ]


def is_event(event):
    return event["type"] != "lantern.tick.v1"


def decode(raw):
    return loads(raw)


def arguments():
    """Return broker, topic and number of events; keep how often a vector is wanted."""
    global every
    bootstrap, topic, count, every = sys.argv[1:5]
    every = int(every)
    return bootstrap, topic, int(count)


def begin():
    """Start the clocks: called when everything is imported and the framework is about to run."""
    began[:] = time.perf_counter(), used()


def report(events):
    """Print the result line: processor time of this process, its threads and its children."""
    line = json.dumps({
        "events": events,
        "cpu_s": used() - began[1],
        "wall_s": time.perf_counter() - began[0],
    })  # fmt: skip
    print(line, file=sys.__stdout__, flush=True)  # a framework may have replaced sys.stdout


def used():
    own = resource.getrusage(resource.RUSAGE_SELF)
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(map(_used_by, _children(os.getpid())))
    return own.ru_utime + own.ru_stime + gone.ru_utime + gone.ru_stime + alive


def _children(pid):
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            yield child
            yield from _children(child)


def _used_by(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
