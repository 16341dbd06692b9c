"""A source that gathers hands a trickle out in few batches, and loses nothing of it."""

import asyncio
from collections.abc import Mapping, Sequence

from shared.contracts.topics import CAMPUS_EVENTS
from shared.stream.kafka import KafkaSink, KafkaSource, create_topics
from shared.stream.ports import Outgoing, Partition

RECORDS, GAP_S, GATHER_S = 40, 0.01, 1.0


class Owner:
    """Takes whatever comes, from where the group is."""

    async def assigned(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        return {}

    async def revoked(self, partitions: Sequence[Partition]) -> None: ...


async def test_a_trickle_comes_in_few_batches(kafka: str, topic_prefix: str) -> None:
    """Forty records, ten milliseconds apart, are not forty rounds."""
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    sink = KafkaSink(kafka, prefix=topic_prefix)
    source = KafkaSource(
        kafka, [CAMPUS_EVENTS], group="gathering", prefix=topic_prefix, gather_s=GATHER_S
    )
    await sink.start()
    await source.start(Owner())
    sending = asyncio.create_task(_trickle(sink))
    batches: list[list[bytes]] = []
    while sum(map(len, batches)) < RECORDS:
        records = await source.poll(0.1, 5_000)
        if records:
            batches.append([record.value or b"" for record in records])
    await sending
    await source.stop()
    await sink.stop()
    assert sorted(int(value) for batch in batches for value in batch) == list(range(RECORDS))
    assert len(batches) <= RECORDS / 4


async def _trickle(sink: KafkaSink) -> None:
    for number in range(RECORDS):
        value = str(number).encode()
        await sink.publish([Outgoing(CAMPUS_EVENTS.name, value, value)])
        await asyncio.sleep(GAP_S)
