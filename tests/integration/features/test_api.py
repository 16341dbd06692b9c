"""REST: who may read what, what is answered, what is stale."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from tests.helpers.feature_log import FIRST, a_tick, an_event, at, digest_of, facts
from tests.helpers.features_app import (
    a_settings,
    put_events,
    put_facts,
    running,
    sqlite_url,
    work_off,
)

from features.main import Parts, build_app
from shared.auth.actor import Actor
from shared.auth.testing import an_actor, fixed
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker

OFFICER = an_actor("school_officer", school="s1")


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """Forty days of one student, an hour after the last tick."""
    broker = FakeBroker(partitions=2)
    put_facts(broker, facts("p1:a"))
    events = [("p1:a", an_event(id=str(day), time=at(day))) for day in range(40)]
    put_events(broker, [*events, ("p1:a", events[39][1]), ("tick", a_tick(40))])
    clock = ManualClock(FIRST + timedelta(days=40, hours=1))
    async with running(broker, a_settings(sqlite_url(tmp_path)), clock=clock) as made:
        await work_off(made)
        yield made


async def ask(parts: Parts, path: str, actor: Actor = OFFICER) -> httpx.Response:
    transport = httpx.ASGITransport(build_app(parts, fixed(actor)))
    async with httpx.AsyncClient(transport=transport, base_url="http://features") as client:
        return await client.get(path)


async def test_the_vector_is_current_then_stale(parts: Parts) -> None:
    """Each value comes with coverage and the usual range; past its life it is called stale."""
    body = (await ask(parts, "/v1/students/p1:a/vector")).json()
    assert (body["status"], body["age_s"], body["is_published"]) == ("current", 3600.0, True)
    breakfast = body["indicators"][0]
    assert breakfast["id"] == "breakfast_rate"
    assert breakfast["value"] == 1.0
    assert breakfast["coverage"] == 1.0
    assert isinstance(parts.clock, ManualClock)
    parts.clock.advance(7200)
    body = (await ask(parts, "/v1/students/p1:a/vector")).json()
    assert (body["status"], body["age_s"]) == ("stale", 10_800.0)


async def test_days_by_slot_name(parts: Parts) -> None:
    """The range that was asked for, with the slots of each day."""
    body = (await ask(parts, "/v1/students/p1:a/days?from=2026-09-01&to=2026-09-02")).json()
    assert [day["day"] for day in body["days"]] == ["2026-09-01", "2026-09-02"]
    assert body["days"][0]["slots"]["spend"] == [125, 0, 0]
    assert sum(body["days"][0]["slots"]["meal_bins"]) > 0
    answer = await ask(parts, "/v1/students/p1:a/days?from=2026-09-02&to=2026-09-01")
    assert (answer.status_code, answer.json()["code"]) == (400, "empty_range")


async def test_coverage_says_what_was_delivered(parts: Parts) -> None:
    """Yields a day and type, masks, coverage an indicator."""
    body = (await ask(parts, "/v1/students/p1:a/coverage")).json()
    assert len(body["days"]) == len(body["masked"]) == 85
    assert body["types"]["lantern.card.swiped.v1"][-1] == 1.0
    assert body["indicators"]["breakfast_rate"] == 1.0


async def test_counts_catalogue_and_digest(parts: Parts) -> None:
    """Counts by feed add up; the digests are those of the state; the catalogue has its hash."""
    operator = an_actor("it")
    counts = (await ask(parts, "/v1/counts", operator)).json()
    assert counts["feeds"]["card"] == {"applied": 40, "late": 0, "dead": 0, "duplicate": 1}
    assert counts["total"] == counts["feeds"]["card"]
    digest = (await ask(parts, "/v1/state/digest", operator)).json()
    assert (digest["aggregates"], digest["vectors"]) == digest_of(parts.service)
    assert digest["partitions"] == [0, 1]
    catalogue = (await ask(parts, "/v1/catalogue")).json()
    assert len(catalogue["indicators"]) >= 16


@pytest.mark.parametrize(
    ("actor", "status"),
    [
        (OFFICER, 200),
        (an_actor("college_counsellor", school="s1", colleges=["c1"]), 200),
        (an_actor("college_counsellor", school="s1", colleges=["c2"]), 403),
        (an_actor("peer_helper", school="s1", teams=["t1"]), 403),
    ],
)
async def test_who_may_read_a_student(parts: Parts, actor: Actor, status: int) -> None:
    """Indicators are read at the school and the own college, not elsewhere."""
    assert (await ask(parts, "/v1/students/p1:a/vector", actor)).status_code == status


async def test_an_unknown_student_is_not_found(parts: Parts) -> None:
    """Who may read everybody learns that nobody of this name is held here."""
    anyone = an_actor("service")
    assert (await ask(parts, "/v1/students/p1:nobody/vector", anyone)).status_code == 404
