"""T3: from an event accepted over HTTP to the assessment that covers it, all services running."""

import asyncio
import time
from collections import defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer

from benchmarks.figure import Figure, at_most
from benchmarks.load import FEED, Cards, register
from benchmarks.stand import Say, Stand, run, stand
from cli.context import SERVICES
from shared.contracts.codec import encode
from shared.contracts.event import EVENT_TYPES, FeedDay, FeedYield, Tick
from shared.contracts.topics import CAMPUS_EVENTS, RISK_ASSESSMENTS
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import SystemClock
from shared.kernel.ids import stable_id
from shared.stream.ports import Outgoing
from shared.web.client import HttpClient

RATE, BATCH, SECONDS, WARM_S, STUDENTS = 2_000, 20, 15, 5, 5_000
_DRAIN_S = 3.0
_IN_FLIGHT = 64


class _Event(msgspec.Struct):
    id: str
    subject: str = ""


class _Assessment(msgspec.Struct):
    student: str
    position: int


@dataclass
class _Seen:
    """What was accepted and what was read from the topics, on this process's clock."""

    accepted: dict[str, float] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    assessed: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0

    def latencies(self) -> tuple[list[float], int]:
        """Return milliseconds of covered events, and how many changed no vector."""
        found, uncovered = [], 0
        for event, at in self.accepted.items():
            student, offset = self.places.get(event, ("", 0))
            later = (when for position, when in self.assessed[student] if position >= offset)
            when = next(later, None)
            if when is None:
                uncovered += 1
            else:
                found.append(max(0.0, when - at) * 1000)
        return found, uncovered


def measure(say: Say) -> Figure:
    """Send 2,000 events a second in requests of 20 for 20 seconds, after a warm-up."""
    with stand() as here, ExitStack() as running:
        services = [running.enter_context(here.service(name)) for name in SERVICES]
        for service in services:
            service.wait_ready()
        cpu = [service.cpu_s() for service in services]
        seen, late_s, wall = run(_drive(here))
        spent = {
            s.name: round((s.cpu_s() - c) / wall, 3) for s, c in zip(services, cpu, strict=True)
        }
    found, uncovered = seen.latencies()
    if not found:
        raise RuntimeError(
            f"no event was covered: {len(seen.accepted)} accepted, {seen.refused} requests refused,"
            f" {len(seen.places)} in the log, {len(seen.assessed)} students assessed"
        )
    p50, p90, p99 = np.percentile(found, [50, 90, 99]).tolist()
    say(f"p50 {p50:.0f} ms, p90 {p90:.0f} ms, p99 {p99:.0f} ms of {len(found):,} events")
    return at_most(
        "T3",
        "accepted over HTTP to assessment published, p99 at 2,000 events/s",
        p99,
        target=500,
        unit="ms",
        p50_ms=round(p50, 1),
        p90_ms=round(p90, 1),
        p50_target_ms=150,
        events=len(found),
        events_that_changed_no_vector=uncovered,
        requests_refused=seen.refused,
        sender_behind_s=round(late_s, 3),
        cores_used=spent,
    )


async def _drive(here: Stand) -> tuple[_Seen, float, float]:
    key = await register(here)
    seen = _Seen()
    readers = [
        asyncio.create_task(_read(here, CAMPUS_EVENTS.name, seen)),
        asyncio.create_task(_read(here, RISK_ASSESSMENTS.name, seen)),
    ]
    await _tell_of_feeds(here)
    await asyncio.sleep(1.0)
    began = time.monotonic()
    late = await _send(here, key, seen)
    await asyncio.sleep(_DRAIN_S)
    for reader in readers:
        reader.cancel()
    for outcome in await asyncio.gather(*readers, return_exceptions=True):
        if not isinstance(outcome, asyncio.CancelledError):
            raise RuntimeError(  # noqa: TRY004 - not a matter of types
                f"a reader ended: {outcome!r}"
            )
    return seen, late, time.monotonic() - began


async def _tell_of_feeds(here: Stand) -> None:
    """Publish a tick that says every stream was whole: no value would be believed without."""
    now = SystemClock().now()
    days = [FeedDay((now - timedelta(days=n)).date().isoformat(), 1, 1.0) for n in range(90, 0, -1)]
    time_ = format_utc(now)
    tick = Tick(
        id=stable_id("tick", time_), time=time_,
        feeds=[FeedYield(FEED, list(EVENT_TYPES), "alive", days)],
    )  # fmt: skip
    sink = here.sink()
    await sink.start()
    try:
        await sink.publish(
            [
                Outgoing(CAMPUS_EVENTS.name, b"tick", encode(tick), partition=number)
                for number in range(here.partitions)
            ]
        )
    finally:
        await sink.stop()


async def _send(here: Stand, key: str, seen: _Seen) -> float:
    """Keep the schedule: a request every 10 ms, whatever the answers; return the worst delay."""
    cards, day = Cards("latency"), (SystemClock().now() - timedelta(days=2)).date()
    headers = {"X-API-Key": key, "Content-Type": "application/x-ndjson"}
    slots, late, tasks = asyncio.Semaphore(_IN_FLIGHT), 0.0, set()
    step = BATCH / RATE
    async with here.here.client("ingest") as client:
        began = time.monotonic()
        for n in range(int((SECONDS + WARM_S) / step)):
            due = began + n * step
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await slots.acquire()
            counted = n * step >= WARM_S
            late = max(late, time.monotonic() - due) if counted else late
            lines = [
                cards.event(f"S{(n * BATCH + i) * 7919 % STUDENTS:08d}", day) for i in range(BATCH)
            ]
            task = asyncio.create_task(_post(client, headers, lines, seen if counted else None))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _done: slots.release())
        await asyncio.gather(*tasks)
    return late


async def _post(
    client: HttpClient, headers: dict[str, str], lines: list[bytes], seen: _Seen | None
) -> None:
    answer = await client.post("/v1/events", content=b"\n".join(lines), headers=headers)
    now = time.monotonic()
    if seen is None:
        return
    if answer.status_code != 202:
        seen.refused += 1
        return
    for line in lines:
        seen.accepted[_decode_event(line).id] = now


async def _read(here: Stand, topic: str, seen: _Seen) -> None:
    """Note what comes, at the moment it comes."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=here.servers, group_id=None, auto_offset_reset="latest",
        fetch_max_wait_ms=50,
    )  # fmt: skip
    await consumer.start()
    note = _note_event if topic == CAMPUS_EVENTS.name else _note_assessment
    try:
        while True:
            batches = await consumer.getmany(timeout_ms=100)
            now = time.monotonic()
            for records in batches.values():
                for record in records:
                    with suppress(msgspec.ValidationError):
                        note(seen, record.value or b"null", record.offset, now)
    finally:
        await consumer.stop()


def _note_event(seen: _Seen, value: bytes, offset: int, _now: float) -> None:
    event = _decode_event(value)
    seen.places[event.id] = (event.subject, offset)


def _note_assessment(seen: _Seen, value: bytes, _offset: int, now: float) -> None:
    assessment = _decode_assessment(value)
    seen.assessed[assessment.student].append((assessment.position, now))


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_assessment = msgspec.json.Decoder(_Assessment).decode
