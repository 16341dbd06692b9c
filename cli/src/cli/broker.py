"""The broker of this installation: the one that is named, or a local one that we start."""

import asyncio

from cli.context import Context
from cli.kafka_broker import KafkaBroker
from cli.language import say
from cli.output import err
from shared.stream.kafka import create_topics


def local_broker(here: Context) -> KafkaBroker:
    """Return the broker of this home folder, running or not."""
    return KafkaBroker(here.home, port=here.kafka_port, controller_port=here.kafka_port + 1)


def ensure_broker(here: Context) -> bool:
    """Start the local broker unless one is named, and declare the topics on it.

    Returns whether it was this call that started a broker.
    """
    must_start = not here.brings_own_kafka and not local_broker(here).status().running
    if must_start:
        with err.status(say("starting Apache Kafka …", "正在启动 Apache Kafka …")) as status:
            local_broker(here).up(say=status.update)
    settings = here.settings
    asyncio.run(
        create_topics(
            here.bootstrap_servers,
            partitions=settings.partitions,
            replication=settings.replication,
            prefix=settings.topic_prefix,
        )
    )
    return must_start
