"""A campus in motion."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import msgspec
import numpy as np
import pytest

from shared.contracts.event import EVENT_TYPES, CampusEvent
from shared.kernel.campus_time import parse_utc
from shared.kernel.clock import ManualClock
from simulator import CampusConfig, DayEvents, Simulation, simulate
from simulator.delivery import LATEST_DAYS
from simulator.feeds import FEEDS
from simulator.health import STATES, UNWELL, WORSENING

_DECODER = msgspec.json.Decoder(CampusEvent)


def bytes_of(simulation: Simulation, days: list[DayEvents]) -> list[bytes]:
    return [event for day in days for event in simulation.to_cloudevents(day)]


def test_the_same_seed_gives_the_same_bytes(simulation: Simulation, events: list[bytes]) -> None:
    """Two simulations of equal configuration write equal bytes, in equal order."""
    again = simulate(replace(simulation.config))
    assert bytes_of(again, list(again.days())) == events


def test_another_seed_gives_other_events(simulation: Simulation, events: list[bytes]) -> None:
    """The seed decides."""
    other = simulate(replace(simulation.config, seed=6))
    assert hashlib.sha256(b"".join(bytes_of(other, list(other.days())))) != hashlib.sha256(
        b"".join(events)
    )


def test_every_event_is_valid(simulation: Simulation, events: list[bytes]) -> None:
    """Each event decodes with the strict contract, under its feed's source and allowed types."""
    sources = {feed.source("example.edu"): feed for feed in FEEDS.values()}
    numbers = set(simulation.campus.numbers)
    seen: Counter[str] = Counter()
    for raw in events:
        event = _DECODER.decode(raw)
        kind = str(type(event).__struct_config__.tag)
        assert kind in sources[event.source].types
        assert event.subject in numbers
        seen[kind] += 1
    assert seen.keys() | {"lantern.report.filed.v1"} == EVENT_TYPES.keys()


def test_care_is_rare_and_valid() -> None:
    """Screenings have nine plausible answers, reports are coded; both are rare, worse when ill."""
    large = simulate(CampusConfig(students=6000, teams=60, seed=2))
    encoder = large.encoder()
    kinds: Counter[str] = Counter()
    totals: dict[bool, list[int]] = {False: [], True: []}
    for day, tables in islice(large.lived(), 12):
        for rows in tables:
            if rows.feed != "care":
                continue
            kinds[rows.kind] += len(rows)
            for raw in encoder.encode(rows):
                _DECODER.decode(raw)
            if "items" in rows.fields:
                ill = np.isin(day.health.state[rows.student], (WORSENING, UNWELL))
                for flag, total in zip(ill, rows.fields["items"].sum(axis=1), strict=True):
                    totals[bool(flag)].append(int(total))
    assert 0 < kinds["lantern.report.filed.v1"] < 60
    assert 40 < kinds["lantern.screening.submitted.v1"] < 160
    assert 2 < np.mean(totals[False]) < 7
    assert np.mean(totals[True]) > np.mean(totals[False])


def test_ids_are_unique_but_for_duplicates(events: list[bytes]) -> None:
    """An id names one event of its source; a second delivery repeats the first byte for byte."""
    first: dict[tuple[str, str], bytes] = {}
    repeats = 0
    for raw in events:
        event = _DECODER.decode(raw)
        known = first.setdefault((event.source, event.id), raw)
        assert known == raw
        repeats += known is not raw
    assert 0.003 < repeats / len(events) < 0.03


def test_deliveries_are_in_order_and_inside_their_day(simulation: Simulation) -> None:
    """A day's deliveries come in order, within the campus day and after what they tell of."""
    last = simulation.start.timestamp()
    for day in simulation.days():
        table, row, delivered = day.order()
        assert np.all(np.diff(delivered) >= 0)
        assert delivered[0] >= last
        assert (delivered - delivered[0] < 86_400).all()
        times = np.array([day.tables[t].time[r] for t, r in zip(table, row, strict=True)])
        assert (times <= delivered).all()
        last = delivered[-1]
    assert last < simulation.config.end.timestamp()


def test_no_delivery_is_later_than_promised(simulation: Simulation) -> None:
    """Lateness is bounded, so that a run can be taken up from a few days before."""
    for day in simulation.days():
        for rows in day.tables:
            assert (day.number - rows.day <= LATEST_DAYS).all()


def test_some_deliveries_are_late_and_some_feeds_fail(simulation: Simulation) -> None:
    """Late batches and outages exist, and a dead feed loses its rows."""
    days = list(simulation.days())
    lag = np.concatenate([rows.ready - rows.time for day in days for rows in day.tables])
    assert (lag > 86_400).any()
    lost = [outage for outage in simulation.outages() if outage.lost]
    assert lost
    for outage in lost:
        for day in days:
            for rows in day.tables:
                if rows.feed == outage.feed:
                    assert not ((rows.ready >= outage.start) & (rows.ready < outage.end)).all()


def test_a_day_needs_no_days_before_it(simulation: Simulation) -> None:
    """Starting in the middle gives the same bytes as running up to it."""
    middle = simulation.start + timedelta(days=13)
    whole = [d for d in simulation.days() if d.number >= 13]
    part = list(simulation.between(middle, simulation.config.end))
    assert bytes_of(simulation, part) == bytes_of(simulation, whole)


def test_cuts_lose_and_double_nothing(simulation: Simulation, events: list[bytes]) -> None:
    """Any moment splits the deliveries cleanly in two."""
    cut = simulation.start + timedelta(days=9, hours=7, seconds=13)
    before = list(simulation.between(simulation.start, cut))
    after = list(simulation.between(cut, simulation.config.end))
    assert bytes_of(simulation, before) + bytes_of(simulation, after) == events


async def test_live_goes_on_where_the_run_ended(simulation: Simulation) -> None:
    """Live events are those that the same time without a clock gives, sped up or not."""
    clock = ManualClock()
    got: list[bytes] = []
    beats = 0
    async for chunks in simulation.live(clock, speed=3600):
        got += [event for chunk in chunks for event in chunk.payload]
        beats += 1
        if beats == 60:
            break
    end = simulation.config.end
    wanted = bytes_of(
        simulation, list(simulation.between(end, end + timedelta(seconds=clock.monotonic() * 3600)))
    )
    assert len(got) > 1000
    assert wanted[: len(got)] == got


def test_no_event_tells_the_truth(simulation: Simulation, events: list[bytes]) -> None:
    """Neither the words nor the flags of the truth are in any event."""
    text = b"\n".join(events).lower()
    words = [state.encode() for state in STATES if state != "well"]
    for word in [*words, b"onset", b"label", b"at_risk", b"risk", b"truth", b"signs", b"state"]:
        assert word not in text


def test_events_are_about_nine_a_student_day(simulation: Simulation, events: list[bytes]) -> None:
    """The volume is that of a real campus."""
    assert 6.5 < len(events) / (120 * 21) < 12.5


def test_activity_scales_the_volume(simulation: Simulation, events: list[bytes]) -> None:
    """Half the activity gives markedly fewer events."""
    quiet = simulate(replace(simulation.config, activity=0.3))
    assert sum(len(day) for day in quiet.days()) < 0.7 * len(events)


@pytest.mark.parametrize("feed", ["door", "network"])
def test_event_times_lie_in_their_campus_day(simulation: Simulation, feed: str) -> None:
    """An event's time lies in the campus day that made it."""
    for day, tables in islice(simulation.lived(), 5):
        opens = day.calendar.midnight + 4 * 3600
        for rows in tables:
            if rows.feed == feed:
                assert ((rows.time >= opens) & (rows.time < opens + 86_400)).all()


def test_the_run_ends_at_its_end(simulation: Simulation, events: list[bytes]) -> None:
    """The last event lies just before the end."""
    newest = max(parse_utc(_DECODER.decode(raw).time) for raw in events)
    assert timedelta(0) < simulation.config.end - newest < timedelta(hours=1)
