"""Pathway: a groupby with reducers by student and day, in-memory differential state."""

import os

import pathway as pw
from job import arguments, begin, report

bootstrap, topic, count = arguments()


class Event(pw.Schema):
    type: str
    subject: str
    time: str
    data: pw.Json


events = pw.io.kafka.read(
    {"bootstrap.servers": bootstrap, "group.id": "peer", "auto.offset.reset": "earliest"},
    topic=topic,
    format="json",
    schema=Event,
    autocommit_duration_ms=500,
)
rows = events.select(
    student=pw.this.subject,
    day=pw.apply_with_type(lambda t: t[:10], str, pw.this.time),
    fen=pw.apply_with_type(lambda d: round(d.value.get("amount", 0) * 100), int, pw.this.data),
    minute=pw.apply_with_type(lambda t: int(t[11:13]) * 60 + int(t[14:16]), int, pw.this.time),
)
days = rows.groupby(rows.student, rows.day).reduce(
    rows.student,
    n=pw.reducers.count(),
    fen=pw.reducers.sum(rows.fen),
    first=pw.reducers.min(rows.minute),
    last=pw.reducers.max(rows.minute),
)
vectors = days.groupby(days.student).reduce(
    days.student,
    total=pw.reducers.sum(days.n),
    fen=pw.reducers.avg(days.fen),
    first=pw.reducers.avg(days.first),
    last=pw.reducers.avg(days.last),
    active=pw.reducers.count(),
)
totals = events.reduce(n=pw.reducers.count())


def watch(key, row, time, is_addition):
    if is_addition and row["n"] >= count:
        report(row["n"])
        os._exit(0)


pw.io.subscribe(totals, watch)
pw.io.subscribe(vectors, lambda **_: None)
begin()
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
