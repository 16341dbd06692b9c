"""What features publishes is what the contracts say: vectors and dead letters decode strictly."""

from pathlib import Path

from tests.helpers.feature_log import a_tick, an_event, at, facts
from tests.helpers.features_app import (
    a_settings,
    put_events,
    put_facts,
    running,
    sqlite_url,
    work_off,
)

from features.domain.vector import vector_id
from shared.contracts.codec import decoder
from shared.contracts.features import FeatureVector
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS_DEAD, STUDENT_FEATURES
from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.stream.testing import FakeBroker


async def test_vectors_and_dead_letters_fit_their_contracts(tmp_path: Path) -> None:
    """A vector has a value, coverage and usual for each indicator, its key is the student."""
    broker = FakeBroker(partitions=2)
    put_facts(broker, facts("p1:a"))
    late = an_event(id="late", time=at(-200))
    log = [("p1:a", an_event()), ("tick", a_tick(1)), ("p1:a", late), ("p1:a", b"{")]
    put_events(broker, log)
    async with running(broker, a_settings(sqlite_url(tmp_path))) as parts:
        await work_off(parts)
    [record] = broker.records(STUDENT_FEATURES.name)
    assert record.value is not None
    vector = decoder(FeatureVector).decode(record.value)
    assert record.key == b"p1:a"
    assert vector.catalogue == catalogue_hash()
    assert vector.id == vector_id("p1:a", vector.position)
    assert len(vector.values) == len(vector.coverage) == len(vector.usual) == len(CATALOGUE)
    assert vector.college == "c1"
    letters = [decoder(DeadLetter).decode(v) for v in broker.values(CAMPUS_EVENTS_DEAD.name)]
    assert {(one.stage, one.feed, one.reason) for one in letters} == {
        ("features", "card", "too_late"),
        ("features", "", "undecodable"),
    }
    assert not any(b"p1:a" in letter for letter in broker.values(CAMPUS_EVENTS_DEAD.name))
