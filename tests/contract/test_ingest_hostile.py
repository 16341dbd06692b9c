"""Hostile input at the front door: a clear answer each time, and the next good event gets in."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.helpers.hostile_events import Hostile, corpus
from tests.helpers.ingest_app import IngestApp, ingest_app, some_settings
from tests.helpers.ingest_kit import an_event, raws

from shared.contracts.event import EVENT_TYPES

CASES = corpus()


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[IngestApp]:
    settings = some_settings(tmp_path, database_url="sqlite+aiosqlite:///:memory:")
    async with ingest_app(settings) as app:
        await app.register("hostile", sorted(EVENT_TYPES))
        yield app


def answered(response: httpx2.Response) -> str:
    """Return the answer in the corpus's words."""
    body = json.loads(response.content)
    if response.status_code != 202:
        return f"{response.status_code} {body['code']}"
    [*_, result] = body["results"]
    return "ok" if result["status"] == "accepted" else f"reject:{result['reason']}"


def is_right(expected: str, answer: str) -> bool:
    return any(
        answer == one or (one == "reject" and answer.startswith("reject:"))
        for one in expected.split("|")
    )


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    """At least two hundred different bodies."""
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)


async def test_each_hostile_body_gets_a_clear_answer_and_the_next_event_gets_in(
    app: IngestApp,
) -> None:
    """The answer names the fault, nothing bad is published, the service lives on and counts."""
    wrong = [w for number, case in enumerate(CASES) if (w := await _tried(app, number, case))]
    assert not wrong
    counts = (await app.http.get("/v1/counts")).json()["total"]
    assert counts["read"] == counts["accepted"] + counts["duplicate"] + counts["rejected"]
    assert counts["accepted"] == len(app.sink.of("campus.events.v1"))
    assert counts["rejected"] == len(app.sink.of("campus.events.dead.v1"))
    assert app.parts.rounds.failure is None


async def _tried(app: IngestApp, number: int, case: Hostile) -> str | None:
    """Send one case and a good event after it; return what was wrong."""
    before = len(app.sink.of("campus.events.v1"))
    response = await app.send(case.body, case.content_type)
    answer = answered(response)
    if not is_right(case.answer, answer):
        return f"{case.name}: {answer} where {case.answer} was right: {response.text[:200]}"
    published = len(app.sink.of("campus.events.v1")) - before
    if published != (1 if answer == "ok" else 0):
        return f"{case.name}: {published} events were published"
    after = await app.send(*_batch(f"good after {number}"))
    return None if answered(after) == "ok" else f"{case.name}: the next event was lost"


def _batch(event_id: str) -> tuple[bytes, str]:
    [event] = raws(an_event(event_id))
    return b"[" + event + b"]", "application/cloudevents-batch+json"
