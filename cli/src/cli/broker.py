"""The broker of this installation: the one that is named, or a local one that we start."""

import asyncio

from shared.stream.kafka import create_topics

from cli.context import Context
from cli.kafka_broker import LocalBroker
from cli.language import say
from cli.output import err


def ensure_broker(here: Context) -> None:
    """Start the local broker unless one is named, and declare the topics on it."""
    if not here.brings_own_kafka:
        broker = LocalBroker(here.home)
        with err.status(say("starting Apache Kafka …", "正在启动 Apache Kafka …")):
            broker.up()
    asyncio.run(create_topics(here.settings))
