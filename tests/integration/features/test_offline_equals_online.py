"""The vector served online at a morning is the one that `dataset build` computes, bit for bit."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.helpers.feature_log import facts
from tests.helpers.features_app import a_settings, put_events, put_facts, running
from tests.helpers.mornings import ByDay, a_morning_tick, cells_of, offline

from features.main import Parts
from shared.contracts.codec import decoder, encode
from shared.contracts.features import FeatureVector
from shared.contracts.student import Mask
from shared.contracts.topics import CAMPUS_EVENTS, STUDENT_FEATURES
from shared.kernel.clock import ManualClock
from shared.stream.partitioner import partition_for
from shared.stream.ports import Outgoing
from shared.stream.testing import FakeBroker
from simulator import CampusConfig
from simulator.encode import EventEncoder
from simulator.simulation import simulate

PAIRS = 1_000
CAMPUS = CampusConfig(
    seed=5, students=60, teams=4, colleges=2, days=90, late_share=0.1, duplicate_share=0.02
)
decode = decoder(FeatureVector).decode


@dataclass
class Served:
    """What was last published of each student, and what that was on each morning."""

    position: dict[str, int] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=dict)
    by_day: ByDay = field(default_factory=dict)
    _places: dict[int, int] = field(default_factory=dict)

    def take(self, broker: FakeBroker, morning: date) -> None:
        """Read what was published since the last morning."""
        for place in broker.partitions_of(STUDENT_FEATURES.name):
            start = self._places.get(place.number, 0)
            for record in broker.read(place, start, 1_000_000):
                vector = decode(record.value or b"")
                if vector.position > self.position.get(vector.student, -1):
                    self.position[vector.student] = vector.position
                    self.cells[vector.student] = cells_of(vector)
            self._places[place.number] = broker.end(place)
        self.by_day[morning.isoformat()] = dict(self.cells)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("checkpoints", [1, 9], ids=["every_day", "every_ninth_day"])
async def test_a_thousand_random_pairs_of_a_replay_are_bit_equal(
    database_url: str, tmp_path: Path, checkpoints: int
) -> None:
    """Late events, revised yields, new leave and a kill in between: the past stays as it was."""
    if checkpoints != 1 and "sqlite" not in database_url:
        pytest.skip("the other way to cut the log is tried on SQLite alone")
    served = await _replay(database_url, checkpoints)
    compared, differing = offline(served.by_day, database_url, tmp_path, most=4 * PAIRS)
    assert compared >= PAIRS
    assert not differing, f"{len(differing)}: {differing[:10]}"


async def _replay(url: str, checkpoints: int) -> Served:
    """Replay a simulated campus day by day; the service is killed twice between checkpoints."""
    simulation, broker, served = simulate(CAMPUS), FakeBroker(2), Served()
    names = [f"p1:{number}" for number in simulation.campus.numbers]
    encoder = EventEncoder(names, run="test", domain="example.edu", feed_attribute=True)
    put_facts(broker, *(facts(name) for name in names))
    days = [*simulation.days()]
    settings = a_settings(url, checkpoint_s=10.0)
    for first, last in ((0, 35), (35, 65), (65, len(days))):
        clock = ManualClock()
        async with running(broker, settings, clock=clock) as parts:
            for number, day in enumerate(days[first:last], start=first):
                if number in {45, 75}:
                    _change_facts(parts, broker, names, number)
                for chunk in day.chunks(encoder):
                    for value in chunk.payload:
                        student = json.loads(value)["subject"].encode()
                        broker.append(Outgoing(CAMPUS_EVENTS.name, student, value))
                morning = day.date + timedelta(days=1)
                put_events(broker, [("tick", encode(a_morning_tick(morning, number)))])
                if number % checkpoints == 0:
                    clock.advance(11.0)
                while await parts.worker.run_once(0.0):
                    pass
                served.take(broker, morning)
            if last == len(days):
                await parts.worker.drain()
    return served


def _change_facts(parts: Parts, broker: FakeBroker, names: list[str], number: int) -> None:
    """Send some on leave and others away; the service hears of it at once."""
    leave = Mask("leave", "2026-10-01", "2026-10-20")
    changed = [facts(name, masks=[leave], enrolled=number < 70) for name in names[number::7]]
    put_facts(broker, *changed)
    for one in changed:
        parts.service.learn(partition_for(one.student.encode(), 2), one.student, one)
