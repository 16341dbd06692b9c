"""What a later stage refused is published again under a marked id."""

import json

from tests.helpers.ingest_kit import World, a_feed, an_event, raws

from ingest.domain.results import Fault
from ingest.service.prepare import Preparer, marked
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer


def a_preparer() -> Preparer:
    pseudonymiser, sealer = Pseudonymiser("p1", b"k" * 32), Sealer("d1", {"d1": b"d" * 32})
    return Preparer(pseudonymiser, sealer, b"l" * 32, max_event_bytes=1_000_000)


def test_each_redrive_has_its_own_mark() -> None:
    """The number goes up, so that a copy refused again can be driven again."""
    assert [marked("x"), marked("x#redrive-1"), marked("x#redrive-9")] == [
        "x#redrive-1", "x#redrive-2", "x#redrive-10",
    ]  # fmt: skip


async def test_the_copy_differs_by_its_id_alone() -> None:
    """All else of the record, pseudonym included, stays as it was."""
    world = await World(a_feed("card")).start()
    await world.service.accept("card", raws(an_event("x")))
    [record] = world.log.of("events")
    prepared = a_preparer().pseudonymous("card", record.value)
    assert not isinstance(prepared, Fault)
    again = json.loads(prepared.candidates[0].value)
    assert again == {**json.loads(record.value), "id": "x#redrive-1"}


def test_a_time_that_would_move_the_clock_of_all_feeds_is_no_event() -> None:
    """A letter of another stage with a time beyond this century is not published."""
    for time in ("9999-01-01T00:00:00Z", "no time at all, is it"):
        [raw] = raws({**an_event("x"), "time": time})
        fault = a_preparer().pseudonymous("card", raw)
        assert isinstance(fault, Fault)
        assert fault.reason == "bad_time"
