"""Streams to ingest and to Kafka."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from math import inf

import msgspec
import pytest

from shared.contracts.event import CampusEvent, CampusRecord, Tick
from shared.contracts.topics import CAMPUS_EVENTS
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.campus_time import parse_utc
from shared.kernel.clock import ManualClock
from shared.kernel.errors import ConfigError, LanternError, UnavailableError
from shared.stream.partitioner import partition_for
from shared.stream.testing import FakeBroker, FakeSink
from shared.web.client import HttpClient, MockTransport, Request, Response
from simulator import DayEvents, Simulation
from simulator.feeds import FEEDS
from simulator.over_http import HttpOptions, HttpStreamer, RefusedError
from simulator.over_kafka import KafkaStreamer
from simulator.pacing import Pace
from simulator.progress import Progress
from simulator.registration import register_feeds

KEYS = {name: f"key-{name}" for name in FEEDS}
Answer = Callable[[Request, int], Response]


class Ingest:
    """Answers like ingest, after what `faults` wants to say first."""

    def __init__(self, *faults: int) -> None:
        self.faults = list(faults)
        self.bodies: list[tuple[str, list[bytes]]] = []
        self.seen: set[bytes] = set()

    def __call__(self, request: Request) -> Response:
        if self.faults:
            status = self.faults.pop(0)
            return Response(status, headers={"retry-after": "7"}, json={"code": "x"})
        lines = request.content.split(b"\n")
        duplicate = sum(line in self.seen for line in lines)
        self.seen.update(lines)
        self.bodies.append((request.headers["x-api-key"], lines))
        counts = {"read": len(lines), "accepted": len(lines) - duplicate}
        return Response(202, json=counts | {"duplicate": duplicate, "rejected": 0, "results": []})


def streamer(ingest: Ingest, **options: int) -> tuple[HttpStreamer, ManualClock]:
    clock = ManualClock()
    client = HttpClient("http://ingest", transport=MockTransport(ingest))
    made = HttpStreamer(client, KEYS, options=HttpOptions(**options), clock=clock)
    return made, clock


@pytest.fixture
def days(simulation: Simulation) -> list[DayEvents]:
    return list(islice(simulation.days(), 3))


async def test_every_event_is_sent_once_under_its_feeds_key(
    simulation: Simulation, days: list[DayEvents]
) -> None:
    """Each event arrives once, in a request of its feed, and the sums agree."""
    ingest = Ingest()
    sender, _ = streamer(ingest, batch=200, in_flight=3)
    report = await sender.replay(simulation, days)
    sent = [line for _, lines in ingest.bodies for line in lines]
    assert Counter(sent) == Counter(e for day in days for e in simulation.to_cloudevents(day))
    assert report.sent == len(sent) == report.accepted + report.duplicate
    for key, lines in ingest.bodies:
        assert len(lines) <= 200
        for line in lines:
            assert msgspec.json.decode(line)["source"] == f"{key[4:]}.example.edu"


async def test_strict_order_is_the_same_every_time(
    simulation: Simulation, days: list[DayEvents]
) -> None:
    """One request in flight gives the same requests in the same order, in order of each feed."""
    first, second = Ingest(), Ingest()
    for ingest in (first, second):
        await streamer(ingest, batch=150, in_flight=1)[0].replay(simulation, days)
    assert first.bodies == second.bodies
    by_feed: dict[str, list[bytes]] = defaultdict(list)
    for key, lines in first.bodies:
        by_feed[key] += lines
    wanted = [e for day in days for e in simulation.to_cloudevents(day)]
    for key, lines in by_feed.items():
        source = f'"source":"{key[4:]}.'.encode()
        assert lines == [event for event in wanted if source in event]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_ingest_is_asked_again_when_it_says(
    simulation: Simulation, days: list[DayEvents], status: int
) -> None:
    """429 and 503 are waited out for as long as Retry-After says, and nothing is lost."""
    ingest = Ingest(status, status)
    sender, clock = streamer(ingest, in_flight=1)
    report = await sender.replay(simulation, days[:1])
    assert clock.monotonic() == 14.0
    assert report.retries == 2
    assert report.sent == len(days[0])


async def test_a_lost_answer_is_followed_by_the_same_ids(
    simulation: Simulation, days: list[DayEvents]
) -> None:
    """When an answer is lost the same bytes are sent again: ingest sees duplicates, not events."""
    ingest = Ingest()
    lost = 0

    def flaky(request: Request) -> Response:
        nonlocal lost
        answer = ingest(request)
        lost += 1
        if lost == 1:
            raise ConnectionErrorOf(request)
        return answer

    client = HttpClient("http://ingest", transport=MockTransport(flaky))
    sender = HttpStreamer(client, KEYS, options=HttpOptions(in_flight=1), clock=ManualClock())
    report = await sender.replay(simulation, days[:1])
    assert ingest.bodies[0] == ingest.bodies[1]
    assert report.duplicate >= len(ingest.bodies[0][1])


def ConnectionErrorOf(request: Request) -> Exception:  # noqa: N802 - reads like the class
    import httpx2  # noqa: PLC0415 - only to break like the library

    return httpx2.ReadError("connection lost", request=request)


async def test_patience_ends(simulation: Simulation, days: list[DayEvents]) -> None:
    """An ingest that stays away is an UnavailableError, not an endless loop."""
    sender, clock = streamer(Ingest(*[503] * 100), in_flight=1)
    with pytest.raises(UnavailableError):
        await sender.replay(simulation, days)
    assert clock.monotonic() <= 300


async def test_a_refusal_is_not_tried_again(simulation: Simulation, days: list[DayEvents]) -> None:
    """A wrong key ends the stream at once and says what was answered."""
    ingest = Ingest(401)
    with pytest.raises(RefusedError, match="401"):
        await streamer(ingest, in_flight=1)[0].replay(simulation, days)
    assert not ingest.bodies


async def test_too_large_a_body_is_halved(simulation: Simulation, days: list[DayEvents]) -> None:
    """413 splits the batch until it fits; order and number stay."""
    ingest = Ingest(413)
    report = await streamer(ingest, in_flight=1)[0].replay(simulation, days[:1])
    assert report.sent == len(days[0])


async def test_a_feed_without_a_key_is_named(simulation: Simulation, days: list[DayEvents]) -> None:
    """A missing key is a ConfigError that names the feed."""
    client = HttpClient("http://ingest", transport=MockTransport(Ingest()))
    with pytest.raises(ConfigError, match="feed "):
        await HttpStreamer(client, {}, options=HttpOptions(in_flight=1)).replay(simulation, days)


async def test_speed_is_held(simulation: Simulation, days: list[DayEvents]) -> None:
    """At 3,600 times real time a day and a half takes about 36 seconds."""
    sender, clock = streamer(Ingest(), batch=50)
    told: list[Progress] = []
    sender._on_progress = told.append
    await sender.replay(simulation, days[:2], speed=3600)
    passed = (told[-1].campus_time - told[0].campus_time).total_seconds()
    assert clock.monotonic() == pytest.approx(passed / 3600, rel=0.1)
    assert told[-1].sent == sum(map(len, days[:2]))


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_stands_still_is_refused(speed: float) -> None:
    """Speed is above zero."""
    with pytest.raises(ConfigError):
        Pace(ManualClock(), speed)
    Pace(ManualClock(), inf)


async def test_feeds_are_registered_with_their_types() -> None:
    """Every feed is put with its types and cadence, and gets a key."""
    asked: dict[str, dict[str, object]] = {}

    def answer(request: Request) -> Response:
        if request.method == "PUT":
            asked[request.url.path.rpartition("/")[2]] = msgspec.json.decode(request.content)
            return Response(201, json={})
        return Response(201, json={"key": f"for {request.url.path.split('/')[3]}"})

    async with HttpClient("http://ingest", transport=MockTransport(answer)) as client:
        keys = await register_feeds(client)
    assert keys == {name: f"for {name}" for name in FEEDS}
    assert {name: body["types"] for name, body in asked.items()} == {
        name: list(feed.types) for name, feed in FEEDS.items()
    }


async def test_a_refused_registration_is_told() -> None:
    """A caller without the right learns what ingest answered."""
    transport = MockTransport(lambda _: Response(403, json={"code": "forbidden"}))
    async with HttpClient("http://ingest", transport=transport) as client:
        with pytest.raises(LanternError, match="403"):
            await register_feeds(client)


async def test_kafka_gets_what_ingest_would_write(
    simulation: Simulation, days: list[DayEvents]
) -> None:
    """Records carry pseudonyms, feed and wire times, keyed by pseudonym, in order of delivery."""
    broker, pseudonymiser = FakeBroker(partitions=3), Pseudonymiser("p1", bytes(32))
    sink = FakeSink(broker)
    await sink.start()
    report = await KafkaStreamer(sink, pseudonymiser, partitions=3).replay(simulation, days)
    records = broker.records(CAMPUS_EVENTS.name)
    decoder = msgspec.json.Decoder(CampusRecord)
    plain = msgspec.json.Decoder(CampusEvent)
    wanted = [plain.decode(e) for day in days for e in simulation.to_cloudevents(day)]
    got = 0
    for record in records:
        assert record.value is not None
        assert record.key is not None
        event = decoder.decode(record.value)
        if isinstance(event, Tick):
            continue
        got += 1
        assert event.subject.startswith("p1:")
        assert record.key == event.subject.encode()
        assert record.partition.number == partition_for(record.key, 3)
        assert event.feed == event.source.partition(".")[0]
        assert len(event.time) == 20
        assert not any(n in record.value for n in (b"S2026", b"S2025", b"S2024"))
    assert got == len(wanted) == report.sent
    assert {pseudonymiser.pseudonym(event.subject) for event in wanted} == {
        record.key.decode() for record in records if record.key not in (None, b"tick")
    }


async def test_ticks_close_every_day_in_every_partition(
    simulation: Simulation, days: list[DayEvents]
) -> None:
    """Each partition has the same ticks at 04:00, each before any delivery of the day it opens."""
    broker = FakeBroker(partitions=3)
    sink = FakeSink(broker)
    await sink.start()
    streamed = KafkaStreamer(sink, Pseudonymiser("p1", bytes(32)), partitions=3)
    await streamed.replay(simulation, days)
    decoder = msgspec.json.Decoder(CampusRecord)
    ticks: dict[int, list[Tick]] = defaultdict(list)
    newest = dict.fromkeys(range(3), simulation.start - timedelta(days=1))
    for record in broker.records(CAMPUS_EVENTS.name):
        event = decoder.decode(record.value or b"")
        number = record.partition.number
        moment = parse_utc(event.time)
        if isinstance(event, Tick):
            assert newest[number] <= moment
            ticks[number].append(event)
        else:
            newest[number] = max(newest[number], moment)
    assert ticks[0] == ticks[1] == ticks[2]
    assert [t.time for t in ticks[0]] == [
        f"2026-{d}T20:00:00Z" for d in ("10-30", "10-31", "11-01", "11-02")
    ]
    last = {feed.feed: feed for feed in ticks[0][-1].feeds}
    assert last.keys() == FEEDS.keys()
    assert last["door"].days[-1].received > 0
    assert last["care"].days[-1].yield_share == 1.0
