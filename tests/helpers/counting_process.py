"""A worker in its own process, for tests that kill it: SERVERS PREFIX DATABASE_URL."""

import asyncio
import sys

from tests.helpers.streams import GROUP, CountingHandler, a_database, a_worker

from shared.contracts.topics import CAMPUS_EVENTS
from shared.kernel.clock import SystemClock
from shared.lifecycle import stop_on_signals
from shared.stream.kafka import KafkaSink, KafkaSource
from shared.stream.policy import SavePolicy
from shared.stream.worker import Limits


async def main(servers: str, prefix: str, url: str) -> None:
    """Count until a signal says stop."""
    database = await a_database(url)
    worker = a_worker(
        KafkaSource(servers, [CAMPUS_EVENTS], group=GROUP, prefix=prefix, instance="0"),
        KafkaSink(servers, prefix=prefix),
        CountingHandler(database),
        database=database,
        policy=SavePolicy.every(0.2),
        clock=SystemClock(),
        limits=Limits(max_records=50),
    )
    try:
        async with stop_on_signals() as stop:
            await worker.run(stop)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
