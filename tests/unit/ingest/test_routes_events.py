"""The front door over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.helpers.ingest_app import IngestApp, ingest_app, some_settings
from tests.helpers.ingest_kit import CARD, GATE, an_event, raw, raws

from shared.kernel.trace import trace_id, valid

GOOD = raw(an_event())


def batch(*events: bytes) -> bytes:
    return b"[" + b",".join(events) + b"]"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[IngestApp]:
    settings = some_settings(tmp_path, database_url="sqlite+aiosqlite:///:memory:")
    async with ingest_app(settings) as app:
        await app.register()
        yield app


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (GOOD, "application/cloudevents+json"),
        (GOOD, "application/json; charset=utf-8"),
        (batch(GOOD), "application/cloudevents-batch+json"),
        (GOOD + b"\n", "application/x-ndjson"),
    ],
)
async def test_each_layout_is_taken(app: IngestApp, body: bytes, content_type: str) -> None:
    """One event, a JSON batch and lines of JSON give 202 with one result an event."""
    answer = await app.send(body, content_type)
    assert (answer.status_code, answer.json()["results"]) == (
        202, [{"status": "accepted", "id": "e1"}],
    )  # fmt: skip
    assert len(app.sink.of("campus.events.v1")) == 1


async def test_a_mixed_batch_has_a_result_for_each_event(app: IngestApp) -> None:
    """Accepted, duplicate and rejected stand in the order of the request."""
    answer = await app.send(batch(*raws(an_event(), an_event(), an_event("x", specversion="9"))))
    body = answer.json()
    assert [r["status"] for r in body["results"]] == ["accepted", "duplicate", "rejected"]
    assert body["results"][2]["field"] == "$.specversion"
    assert [body[k] for k in ("read", "accepted", "duplicate", "rejected")] == [3, 1, 1, 1]


@pytest.mark.parametrize("key", ["", "nonsense", "lk_000000000000_" + "a" * 43])
async def test_without_a_key_of_ours_nothing_is_taken(app: IngestApp, key: str) -> None:
    """A missing, malformed or unknown key is 401."""
    app.key = key
    answer = await app.send(batch(GOOD))
    assert answer.status_code == 401
    assert not app.sink.published


async def test_the_key_may_come_as_a_bearer_token(app: IngestApp) -> None:
    """Clients that know only Authorization can send too."""
    key, app.key = app.key, ""
    assert (await app.send(batch(GOOD), Authorization=f"Bearer {key}")).status_code == 202


async def test_a_revoked_key_is_refused_at_once(app: IngestApp) -> None:
    """Revocation needs no restart."""
    [key] = (await app.http.get("/v1/feeds/card/keys")).json()["keys"]
    assert (await app.http.delete(f"/v1/feeds/card/keys/{key['id']}")).status_code == 204
    assert (await app.send(batch(GOOD))).status_code == 401


async def test_a_type_that_the_key_may_not_send_is_forbidden_and_kept(app: IngestApp) -> None:
    """403 when no event of the request may be sent, else a result; the event is a dead letter."""
    gate = raw(an_event(type=GATE, data={"gate": "dorm", "place": "b", "direction": "in"}))
    alone = await app.send(gate, "application/json")
    assert (alone.status_code, alone.json()["code"]) == (403, "type_not_allowed")
    mixed = await app.send(batch(GOOD, gate))
    assert [r["status"] for r in mixed.json()["results"]] == ["accepted", "rejected"]
    assert len(app.sink.of("campus.events.dead.v1")) == 2


async def test_a_narrowed_key_sends_only_its_types(app: IngestApp) -> None:
    """A key may be given fewer types than its feed."""
    await app.register("both", [CARD, GATE])
    narrowed = await app.http.post("/v1/feeds/both/keys", json={"types": [GATE]})
    app.key = narrowed.json()["key"]
    assert (await app.send(batch(GOOD))).status_code == 403


async def test_a_body_over_the_limit_is_refused_also_without_a_length(app: IngestApp) -> None:
    """413 by the announced length, and by counting when none was announced."""
    large = b" " * 1_000_001

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    announced = await app.send(large)
    headers = {"X-API-Key": app.key, "Content-Type": "application/json"}
    chunked = await app.http.post("/v1/events", content=chunks(), headers=headers)
    assert (announced.status_code, chunked.status_code) == (413, 413)


async def test_a_rate_over_the_limit_waits_as_told(app: IngestApp) -> None:
    """429 names the seconds, after which the next request passes."""
    await app.register("slow", rate_per_s=1)
    await app.send(batch(*raws(*(an_event(f"s{n}") for n in range(5)))))
    refused = await app.send(batch(GOOD))
    assert refused.status_code == 429
    app.clock.advance(float(refused.headers["Retry-After"]) + 0.01)
    assert (await app.send(batch(GOOD))).status_code == 202


async def test_a_broker_that_is_away_is_503_and_keeps_nothing(app: IngestApp) -> None:
    """Nothing is counted or remembered, so the same request is accepted later."""
    app.sink.is_away = True
    refused = await app.send(batch(GOOD))
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    app.sink.is_away = False
    assert (await app.send(batch(GOOD))).json()["accepted"] == 1


async def test_compressed_bodies_are_not_taken(app: IngestApp) -> None:
    """No bomb is unpacked here."""
    headers = {"Content-Encoding": "gzip"}
    assert (await app.send(batch(GOOD), **headers)).status_code == 415


async def test_metrics_count_by_feed_and_result(app: IngestApp) -> None:
    """The scrape shows what was read, and no student."""
    await app.send(batch(GOOD, GOOD))
    text = (await app.http.get("/metrics")).text
    assert 'ingest_events_total{feed="card",result="accepted"} 1.0' in text
    assert 'ingest_events_total{feed="card",result="duplicate"} 1.0' in text
    assert "2023000001" not in text


PARENT = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"
OWN = "00-" + "c3" * 16 + "-" + "d4" * 8 + "-00"


def traces(app: IngestApp, topic: str = "campus.events.v1") -> list[str]:
    """Return the traceparents of what was published."""
    return [msgspec.json.decode(each.value or b"")["traceparent"] for each in app.sink.of(topic)]


async def test_events_and_letters_belong_to_the_trace_of_their_request(app: IngestApp) -> None:
    """They share one new span of the caller's trace; an event traced at its source keeps its own.

    What is malformed in an event is replaced, never passed on.
    """
    events = [
        an_event("1"), an_event("2"), an_event("3", traceparent=OWN),
        an_event("4", traceparent="\\u0000"), an_event("5", specversion="9"),
    ]  # fmt: skip
    answer = await app.send(batch(*raws(*events)), traceparent=PARENT)
    span = answer.headers["traceresponse"]
    assert trace_id(span) == "a1" * 16
    assert traces(app) == [span, span, OWN, span]
    assert traces(app, "campus.events.dead.v1") == [span]


async def test_without_a_valid_parent_each_request_begins_a_trace(app: IngestApp) -> None:
    """Whatever stands in the header, what is published is valid, and of one request alone."""
    for number, header in enumerate(["", PARENT.upper(), PARENT.replace("a1", "00")]):
        await app.send(batch(raw(an_event(str(number)))), traceparent=header)
    found = traces(app)
    assert [valid(each) for each in found] == found
    assert len({trace_id(each) for each in found} | {"a1" * 16}) == 4
