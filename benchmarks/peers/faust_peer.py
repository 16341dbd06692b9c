"""Faust: an agent and a table with the in-memory store and its changelog."""

import os
import sys
import tempfile
import uuid

from job import arguments, begin, fold, is_event, report

bootstrap, topic, count = arguments()
sys.argv = [sys.argv[0], "worker", "--without-web", "--loglevel", "error"]

import faust  # noqa: E402 - it reads the command line when imported

app = faust.App(
    f"peer-{uuid.uuid4()}",
    broker=f"kafka://{bootstrap}",
    datadir=tempfile.mkdtemp(),
    topic_partitions=12,
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
)
source = app.topic(topic, value_serializer="json")
table = app.Table("days", default=dict)
done = 0


@app.agent(source)
async def work(stream):
    global done
    async for key, event in stream.items():
        if is_event(event):
            days = table[key]
            fold(days, event)
            table[key] = days
        done += 1
        if done >= count:
            report(done)
            os._exit(0)


begin()
app.main()
