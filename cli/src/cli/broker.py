"""The broker of this installation: the one that is named, or a local one that we start."""

import asyncio

from cli.context import Context
from cli.kafka_broker import KafkaBroker
from cli.language import say
from cli.output import waiting
from shared.stream.kafka import declare_topics


def local_broker(here: Context) -> KafkaBroker:
    """Return the broker of this home folder, running or not."""
    return KafkaBroker(here.home, port=here.kafka_port, controller_port=here.kafka_port + 1)


def ensure_broker(here: Context) -> bool:
    """Start the local broker unless one is named, and declare the topics on it.

    Returns whether it was this call that started a broker.
    """
    must_start = not here.brings_own_kafka and not local_broker(here).status().running
    if must_start:
        with waiting(say("starting Apache Kafka …", "正在启动 Apache Kafka …")) as tell:
            local_broker(here).up(say=tell)
    serving = {"kafka_bootstrap_servers": here.bootstrap_servers}
    asyncio.run(declare_topics(here.settings.model_copy(update=serving)))
    return must_start
