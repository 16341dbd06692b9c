"""Topics on a real broker."""

import pytest
from tests.helpers.ports import free_port

from shared.contracts.topics import CAMPUS_EVENTS
from shared.kernel.errors import ConfigError, UnavailableError
from shared.stream.kafka import create_topics, wait_until_serving


async def test_topics_are_made_once(kafka: str, topic_prefix: str) -> None:
    """Making the topics again changes nothing and complains of nothing."""
    for _ in range(2):
        await create_topics(kafka, partitions=3, prefix=topic_prefix)


async def test_partition_count_must_agree(kafka: str, topic_prefix: str) -> None:
    """An existing topic with another number of partitions is named, with what to do."""
    await create_topics(kafka, partitions=2, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    with pytest.raises(ConfigError, match="has 2 partitions where LANTERN_PARTITIONS says 3"):
        await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=[CAMPUS_EVENTS])


async def test_impossible_replication_is_a_configuration_error(
    kafka: str, topic_prefix: str
) -> None:
    """More replicas than brokers is the operator's to mend, not something to retry."""
    with pytest.raises(ConfigError):
        await create_topics(
            kafka, partitions=1, replication=3, prefix=topic_prefix, topics=[CAMPUS_EVENTS]
        )


async def test_broker_that_is_away_is_waited_for_within_the_limit() -> None:
    """Waiting for a broker that never answers ends with its address."""
    with pytest.raises(UnavailableError, match="no Apache Kafka answered"):
        await wait_until_serving(f"127.0.0.1:{free_port()}", 0.5)


async def test_a_dead_broker_is_not_waited_for() -> None:
    """When the process has ended, waiting stops at once."""
    with pytest.raises(UnavailableError, match="ended while it started"):
        await wait_until_serving(f"127.0.0.1:{free_port()}", 60, is_alive=lambda: False)
