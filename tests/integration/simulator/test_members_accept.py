"""What the simulator makes is what ingest and directory take."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec
import pytest
from httpx2 import ASGITransport
from tests.helpers.ingest_app import ingest_app, some_settings

from directory.domain.roster.archive import unpack
from directory.domain.roster.read import read_roster
from directory.domain.vault import Vault
from ingest.domain.decode import decode_event
from ingest.domain.results import Fault
from ingest.domain.times import TimeWindow
from ingest.domain.validate import check
from ingest.main import build_app
from shared.contracts.event import EventBase
from shared.contracts.topics import CAMPUS_EVENTS
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.stream.kafka import KafkaSink, create_topics
from shared.web.client import HttpClient
from simulator import CampusConfig, Simulation, simulate
from simulator.over_http import HttpOptions, HttpStreamer
from simulator.over_kafka import KafkaStreamer
from simulator.registration import register_feeds
from simulator.roster import roster_files, roster_zip


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """Return a campus of 300 students and twelve days."""
    end = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    return simulate(CampusConfig(students=300, days=12, end=end, flows=True))


def test_ingest_takes_every_event(simulation: Simulation) -> None:
    """Ingest's own decoder and rules reject nothing."""
    window = TimeWindow("2000-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    for day in simulation.days():
        for raw in simulation.to_cloudevents(day):
            event = decode_event(raw)
            assert isinstance(event, EventBase), event
            fault = check(event, window)
            assert not isinstance(fault, Fault), (fault, raw)


def test_directory_takes_the_whole_roster(simulation: Simulation) -> None:
    """Directory's own reader finds no fault and keeps everybody in place."""
    vault = Vault(Sealer("v1", {"v1": bytes(32)}), bytes(32))
    roster = read_roster(unpack(roster_zip(roster_files(simulation))), {}, {}, vault)
    assert not roster.report.faults
    campus = simulation.campus
    assert len(roster.people) == len(campus) + len(campus.staff)
    assert len(roster.nodes) == 1 + len(campus.colleges) + len(campus.teams)
    roles = [made.role for made in roster.assignments if made.source == "enrollments.csv"]
    assert roles.count("student") == 300
    assert roles.count("peer_helper") == 80
    assert len(roster.calendar) == len(simulation.calendar.entries())


async def test_a_replay_over_http_adds_up(simulation: Simulation, tmp_path: Path) -> None:
    """Through ingest's real app: rate limits are waited out, nothing is lost or refused."""
    settings = some_settings(tmp_path, max_future_s=None, ticks="event", rate_per_s=2000.0)
    days = list(islice(simulation.days(), 4))
    async with ingest_app(settings) as app:
        transport = ASGITransport(app=build_app(app.parts, app.caller))
        async with HttpClient("http://ingest", transport=transport) as client:
            keys = await register_feeds(client)
            options = HttpOptions(batch=500, in_flight=1)
            streamer = HttpStreamer(client, keys, options=options, clock=app.clock)
            first = await streamer.replay(simulation, days)
            again = await HttpStreamer(client, keys, options=options, clock=app.clock).replay(
                simulation, days[:1]
            )
        published = {
            (event["source"], event["id"])
            for event in map(msgspec.json.decode, (o.value for o in app.sink.published if o.value))
            if event.get("type", "lantern.tick.v1") != "lantern.tick.v1" and "subject" in event
        }
    assert first.sent == sum(map(len, days)) == first.accepted + first.duplicate
    assert first.retries > 0
    assert first.accepted == len(published)
    assert again.duplicate == again.sent == len(days[0])


async def test_kafka_takes_the_stream(
    simulation: Simulation, kafka: str, topic_prefix: str
) -> None:
    """A replay to a real broker is acknowledged whole."""
    await create_topics(kafka, partitions=3, prefix=topic_prefix, topics=[CAMPUS_EVENTS])
    sink = KafkaSink(kafka, prefix=topic_prefix)
    await sink.start()
    try:
        streamer = KafkaStreamer(sink, Pseudonymiser("p1", bytes(32)), partitions=3)
        report = await streamer.replay(simulation)
    finally:
        await sink.stop()
    assert report.sent == sum(len(day) for day in simulation.days())
