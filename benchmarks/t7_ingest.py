"""T7: ingest over HTTP in batches, acknowledged by a real broker."""

import asyncio
import time
from datetime import date

from benchmarks.figure import Figure, at_least
from benchmarks.load import Cards, register
from benchmarks.stand import Process, Say, Stand, run, stand

BATCH, REQUESTS, IN_FLIGHT, STUDENTS = 500, 400, 4, 2_000
_WARM = 40
_DAY = date(2026, 11, 20)


def measure(say: Say) -> Figure:
    """Send 200,000 events as NDJSON, 500 a request, four requests at a time."""
    with stand() as here, here.service("ingest", max_future_s="none") as ingest:
        ingest.wait_ready()
        cpu, wall = run(_send(here, ingest))
    events = BATCH * REQUESTS
    say(f"{events / cpu:,.0f} events a processor second, {events / wall:,.0f} a second")
    return at_least(
        "T7",
        "ingest over HTTP, 500 events a request, events a processor second",
        events / cpu,
        target=30_000,
        unit="/s",
        events=events,
        in_flight=IN_FLIGHT,
        events_per_wall_s=round(events / wall),
    )


async def _send(here: Stand, ingest: Process) -> tuple[float, float]:
    key = await register(here)
    cards = Cards("ingest")
    bodies = [
        b"\n".join(cards.event(f"S{(n * BATCH + i) % STUDENTS:08d}", _DAY) for i in range(BATCH))
        for n in range(REQUESTS + _WARM)
    ]
    headers = {"X-API-Key": key, "Content-Type": "application/x-ndjson"}
    async with here.here.client("ingest") as client:
        left = iter(bodies[:_WARM])

        async def sender() -> None:
            for body in left:
                answer = await client.post("/v1/events", content=body, headers=headers)
                if answer.status_code != 202:
                    raise RuntimeError(f"ingest answered {answer.status_code}: {answer.text[:300]}")

        await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
        left = iter(bodies[_WARM:])
        cpu, began = ingest.cpu_s(), time.monotonic()
        await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
        return ingest.cpu_s() - cpu, time.monotonic() - began
