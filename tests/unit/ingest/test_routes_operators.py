"""Feeds, keys, counts, ticks and dead letters over HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.ingest_app import IngestApp, ingest_app, some_settings
from tests.helpers.ingest_kit import CARD, GATE, an_event, raws

from ingest.repository.letters import put
from shared.auth.actor import Role
from shared.auth.testing import an_actor
from shared.contracts.codec import decoder
from shared.contracts.feed import DeadLetter

FEED = {"owner": "card office", "types": [CARD], "cadence_s": 3600}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[IngestApp]:
    settings = some_settings(tmp_path, database_url="sqlite+aiosqlite:///:memory:", ticks="event")
    async with ingest_app(settings) as app:
        yield app


async def send(app: IngestApp, *events: dict[str, Any]) -> list[dict[str, Any]]:
    body = b"[" + b",".join(raws(*events)) + b"]"
    answer = await app.send(body)
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def read_back(app: IngestApp) -> list[str]:
    """Put published dead letters into the table, as the reader of the topic does."""
    decode = decoder(DeadLetter).decode
    letters = [decode(each.value or b"") for each in app.sink.of("campus.events.dead.v1")]
    async with app.parts.database.write() as connection:
        await put(connection, letters)
    return [letter.id for letter in letters]


async def test_a_feed_is_registered_once_changed_and_put_again(app: IngestApp) -> None:
    """POST refuses a repeat, PUT does not, PATCH changes a part."""
    assert (await app.http.post("/v1/feeds", json={"id": "card", **FEED})).status_code == 201
    assert (await app.http.post("/v1/feeds", json={"id": "card", **FEED})).status_code == 409
    assert (await app.http.put("/v1/feeds/card", json=FEED)).status_code == 200
    changed = await app.http.patch("/v1/feeds/card", json={"types": [CARD, GATE]})
    assert changed.json()["types"] == [CARD, GATE]
    assert changed.json()["cadence_s"] == 3600
    assert (await app.http.get("/v1/feeds/nobody")).status_code == 404
    unknown = await app.http.patch("/v1/feeds/card", json={"types": ["lantern.nope.v1"]})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_type")


async def test_a_key_is_shown_once_and_stored_as_a_hash(app: IngestApp) -> None:
    """Neither the list nor the database holds the secret."""
    await app.register()
    listed = (await app.http.get("/v1/feeds/card/keys")).json()["keys"]
    assert listed[0]["prefix"] == app.key[:15]
    secret = app.key[16:]
    assert secret not in json.dumps(listed)
    [row] = await app.parts.feeds._store.keys()
    assert secret not in repr(row)


@pytest.mark.parametrize("role", ["student", "advisor", "college_counsellor", "school_officer"])
async def test_only_it_and_services_manage_feeds_and_letters(app: IngestApp, role: Role) -> None:
    """People who care for students hold no keys of feeds and open no dead letters."""
    app.caller.actor = an_actor(role)
    attempts = [
        await app.http.put("/v1/feeds/card", json=FEED),
        await app.http.post("/v1/feeds/card/keys", json={}),
        await app.http.get("/v1/dead-letters"),
        await app.http.post("/v1/dead-letters/redrive", json={}),
        await app.http.post("/v1/ticks", json={"time": "2026-09-14T00:00:00Z"}),
    ]
    assert {attempt.status_code for attempt in attempts} == {403}


async def test_a_feed_shows_state_lag_and_counts(app: IngestApp) -> None:
    """Never seen is `new`, then alive with its lag, then dead after a cadence of silence."""
    await app.register(cadence_s=3600)
    assert (await app.http.get("/v1/feeds/card")).json()["state"] == "new"
    await send(app, an_event(time="2026-09-14T11:59:00Z"))
    shown = (await app.http.get("/v1/feeds/card")).json()
    assert (shown["state"], shown["lag_s"], shown["counts"]["read"]) == ("alive", 60.0, 1)
    app.clock.advance(3601)
    assert (await app.http.get("/v1/feeds/card")).json()["state"] == "dead"


async def test_a_tick_goes_to_every_partition_once(app: IngestApp) -> None:
    """A repeat publishes nothing."""
    await app.register()
    await send(app, an_event(time="2026-09-14T04:00:00Z"))
    first = await app.http.post("/v1/ticks", json={"time": "2026-09-14T06:00:00Z"})
    again = await app.http.post("/v1/ticks", json={"time": "2026-09-14T06:00:00Z"})
    ticks = [each for each in app.sink.of("campus.events.v1") if each.key == b"tick"]
    assert first.json()["published"][-1] == "2026-09-14T06:00:00Z"
    assert again.json()["published"] == []
    assert len(ticks) == 3 * len(first.json()["published"])
    assert [each.partition for each in ticks[-3:]] == [0, 1, 2]


async def test_letters_are_listed_by_page_and_filter(app: IngestApp) -> None:
    """Newest first, `next` continues, filters narrow."""
    await app.register()
    await send(app, *(an_event(f"e{n}", data={"amount": -n - 1}) for n in range(5)))
    ids = await read_back(app)
    page = (await app.http.get("/v1/dead-letters", params={"limit": 3})).json()
    rest = (await app.http.get("/v1/dead-letters", params={"before": page["next"]})).json()
    assert [each["id"] for each in page["letters"] + rest["letters"]] == ids[::-1]
    none = await app.http.get("/v1/dead-letters", params={"reason": "bad_time"})
    assert none.json() == {"letters": [], "next": None}


async def test_only_it_sees_the_original_bytes(app: IngestApp) -> None:
    """The list is sealed; the role `it` opens one letter, a service does not."""
    await app.register()
    await send(app, an_event(data={"amount": -1}))
    [letter] = await read_back(app)
    listed = await app.http.get("/v1/dead-letters")
    opened = (await app.http.get(f"/v1/dead-letters/{letter}")).json()
    app.caller.actor = an_actor("service")
    sealed = (await app.http.get(f"/v1/dead-letters/{letter}")).json()
    assert "2023000001" not in listed.text
    assert json.loads(opened["payload"])["subject"] == "2023000001"
    assert sealed["payload"] is None


async def test_a_mended_cause_and_a_redrive_apply_the_event_once(app: IngestApp) -> None:
    """After the feed may send the type, the letter is accepted; again is a conflict."""
    await app.register()
    gate = an_event(type=GATE, data={"gate": "dorm", "place": "b", "direction": "in"})
    await send(app, an_event("other"), gate)
    [letter] = await read_back(app)
    still = await app.http.post(f"/v1/dead-letters/{letter}/redrive")
    assert still.json()["result"]["reason"] == "type_not_allowed"
    await app.http.patch("/v1/feeds/card", json={"types": [CARD, GATE]})
    done = await app.http.post(f"/v1/dead-letters/{letter}/redrive")
    again = await app.http.post(f"/v1/dead-letters/{letter}/redrive")
    assert done.json()["result"]["status"] == "accepted"
    assert again.status_code == 409
    assert [r["status"] for r in await send(app, gate)] == ["duplicate"]
    assert len(app.sink.of("campus.events.v1")) == 2
    counts = (await app.http.get("/v1/counts")).json()["feeds"]["card"]
    assert counts == {"read": 5, "accepted": 2, "duplicate": 1, "rejected": 2}


async def test_bulk_redrive_takes_the_open_ones_and_publishes_no_second_letter(
    app: IngestApp,
) -> None:
    """What is still bad stays open, with its reason, and is not multiplied."""
    await app.register()
    await send(app, *(an_event(f"e{n}", data={"amount": -1}) for n in range(3)))
    await read_back(app)
    done = (await app.http.post("/v1/dead-letters/redrive", json={"feed": "card"})).json()
    assert [each["result"]["status"] for each in done["redriven"]] == ["rejected"] * 3
    assert len(app.sink.of("campus.events.dead.v1")) == 3
    shown = (await app.http.get("/v1/dead-letters", params={"state": "open"})).json()["letters"]
    assert {each["redrives"] for each in shown} == {1}


async def test_a_letter_of_a_later_stage_is_published_again_with_a_mark(app: IngestApp) -> None:
    """It has a pseudonym already and its id was seen: it goes out again, its id marked."""
    await app.register()
    await send(app, an_event())
    [record] = app.sink.of("campus.events.v1")
    seal = app.parts.letters._sealer.seal
    letter = DeadLetter(
        id="dead_" + "a" * 32, feed="card", stage="features", reason="late", detail="",
        at="2026-09-14T12:00:00Z", payload=seal(record.value or b"", "dead:dead_" + "a" * 32),
        key_id="d1",
    )  # fmt: skip
    async with app.parts.database.write() as connection:
        await put(connection, [letter, letter])
    done = await app.http.post(f"/v1/dead-letters/{letter.id}/redrive")
    assert done.json()["result"]["status"] == "accepted"
    _, again = app.sink.of("campus.events.v1")
    assert again.value == (record.value or b"").replace(b'"id":"e1"', b'"id":"e1#redrive-1"')


async def test_a_letter_and_its_re_driven_event_keep_the_trace_of_the_request(
    app: IngestApp,
) -> None:
    """An operator finds by one id what became of a request, also days later."""
    await app.register(types=[GATE])
    parent = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"
    await app.send(b"[" + raws(an_event())[0] + b"]", traceparent=parent)
    [letter] = await read_back(app)
    shown = (await app.http.get(f"/v1/dead-letters/{letter}")).json()
    assert shown["trace_id"] == "a1" * 16
    await app.http.patch("/v1/feeds/card", json={"types": [CARD, GATE]})
    done = await app.http.post(f"/v1/dead-letters/{letter}/redrive")
    assert done.json()["result"]["status"] == "accepted"
    [record] = app.sink.of("campus.events.v1")
    assert b'"traceparent":"00-' + b"a1" * 16 + b"-" in (record.value or b"")
