"""Quix Streams: a stateful update over a streaming dataframe, RocksDB state."""

import os
import tempfile
import uuid

from job import arguments, begin, fold, is_event, report
from quixstreams import Application

bootstrap, topic, count = arguments()
app = Application(
    broker_address=bootstrap,
    consumer_group=f"peer-{uuid.uuid4()}",
    auto_offset_reset="earliest",
    state_dir=tempfile.mkdtemp(),
    loglevel="ERROR",
)


def step(event, state):
    days = state.get("days", {})
    vector = fold(days, event)
    state.set("days", days)
    return vector


frame = app.dataframe(app.topic(topic, value_deserializer="json"))
frame = frame.filter(is_event).apply(step, stateful=True)
begin()
app.run(count=count, timeout=60)
report(count)
os._exit(0)
