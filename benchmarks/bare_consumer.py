"""The measure of figure T1: a bare aiokafka consumer that reads a topic and does nothing with it.

Run as a script: `bootstrap topic count`; prints one JSON line.
"""

import asyncio
import json
import resource
import sys
import time

from aiokafka import AIOKafkaConsumer


async def consume(bootstrap: str, topic: str, count: int) -> dict[str, float]:
    """Read `count` records from the start; processor and wall time from the first poll on."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        seen, began, cpu = 0, time.perf_counter(), _cpu_s()
        while seen < count:
            batches = await consumer.getmany(timeout_ms=1000, max_records=10_000)
            seen += sum(map(len, batches.values()))
        return {"records": seen, "cpu_s": _cpu_s() - cpu, "wall_s": time.perf_counter() - began}
    finally:
        await consumer.stop()


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print(json.dumps(asyncio.run(consume(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
