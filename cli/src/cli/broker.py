"""The broker of this installation: the one that is named, or a local one that we start."""

import asyncio

from shared.stream.kafka import create_topics

from cli.context import Context
from cli.kafka_broker import KafkaBroker
from cli.language import say
from cli.output import err


def ensure_broker(here: Context) -> None:
    """Start the local broker unless one is named, and declare the topics on it."""
    if not here.brings_own_kafka:
        with err.status(say("starting Apache Kafka …", "正在启动 Apache Kafka …")) as status:
            KafkaBroker(here.home).up(say=status.update)
    settings = here.settings
    asyncio.run(
        create_topics(
            settings.kafka_bootstrap_servers,
            partitions=settings.partitions,
            replication=settings.replication,
            prefix=settings.topic_prefix,
        )
    )
