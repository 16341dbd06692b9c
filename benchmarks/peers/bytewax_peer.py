"""Bytewax: a keyed stateful map with its recovery store."""

import os
import tempfile

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from job import arguments, begin, decode, fold, is_event, report

bootstrap, topic, count = arguments()
seen = 0


class Counter(StatelessSinkPartition):
    def write_batch(self, items):
        global seen
        seen += len(items)
        if seen >= count:
            report(seen)
            os._exit(0)


class Sink(DynamicSink):
    def build(self, _step_id, _worker_index, _worker_count):
        return Counter()


def step(days, event):
    days = {} if days is None else days
    return days, fold(days, event)


flow = Dataflow("peer")
raw = op.input("in", flow, KafkaSource([bootstrap], [topic], tail=True, batch_size=1000))
events = op.filter("events", op.map("decode", raw, lambda m: decode(m.value)), is_event)
keyed = op.key_on("key", events, lambda event: event["subject"])
op.output("out", op.stateful_map("fold", keyed, step), Sink())

from pathlib import Path  # noqa: E402 - beside its use

folder = Path(tempfile.mkdtemp())
init_db_dir(folder, 1)
begin()
cli_main(flow, recovery_config=RecoveryConfig(folder))
