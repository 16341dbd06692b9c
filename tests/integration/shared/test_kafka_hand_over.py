"""What fails while partitions change hands reaches the one who polls."""

from collections.abc import Mapping, Sequence

import pytest
from aiokafka import TopicPartition

from shared.contracts.topics import CAMPUS_EVENTS
from shared.stream.kafka import KafkaSource, create_topics
from shared.stream.ports import Partition


class Faulty:
    """An owner with a fault of its own while it takes over, or while it lets go."""

    def __init__(self, fails_in: str) -> None:
        self._fails_in = fails_in

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        self._maybe_fail("assigned", partitions)
        return {}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self._maybe_fail("revoked", partitions)

    def _maybe_fail(self, where: str, partitions: Sequence[Partition]) -> None:
        if where == self._fails_in:
            raise ValueError(f"{where} {len(partitions)}")


async def a_source(kafka: str, topic_prefix: str) -> KafkaSource:
    """Return a member of a group over a topic of one partition."""
    await create_topics(kafka, partitions=1, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    return KafkaSource(kafka, [CAMPUS_EVENTS], group="readers", prefix=topic_prefix)


async def test_a_fault_while_taking_over_ends_the_start(kafka: str, topic_prefix: str) -> None:
    """The client swallows what a listener raises; the source does not, whatever its type."""
    source = await a_source(kafka, topic_prefix)
    try:
        with pytest.raises(ValueError, match="assigned 1"):
            await source.start(Faulty("assigned"))
    finally:
        await source.stop()


async def test_a_fault_while_letting_go_ends_the_next_poll(kafka: str, topic_prefix: str) -> None:
    """An owner that could not drain is not asked to read on as if nothing had happened."""
    source = await a_source(kafka, topic_prefix)
    try:
        await source.start(Faulty("revoked"))
        await source.gave([TopicPartition(topic_prefix + CAMPUS_EVENTS.name, 0)])
        with pytest.raises(ValueError, match="revoked 1"):
            await source.poll(0.1, 10)
    finally:
        await source.stop()
