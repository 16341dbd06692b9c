"""The job of figure T2 in plain Python: fold an event into a student's days, return a vector."""

import json
import resource
import sys
import time

START = time.perf_counter()
WEEK = 7


def fold(days, event):
    """Fold one decoded event into `{day: [count, fen, first, last]}` and return five numbers."""
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
    return vector(days)


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
    return json.loads(raw)


def report(events):
    """Print the result line; processor time of this process and of its children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    kids = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + kids.ru_utime + kids.ru_stime
    wall = time.perf_counter() - START
    line = json.dumps({"events": events, "cpu_s": cpu, "wall_s": wall})
    print(line, file=sys.__stdout__, flush=True)  # a framework may have replaced sys.stdout


def arguments():
    bootstrap, topic, count = sys.argv[1:4]
    return bootstrap, topic, int(count)
