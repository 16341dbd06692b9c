"""The REST API of scoring."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.helpers.bundles import CATALOGUE, FEATURES, a_bundle
from tests.helpers.vectors import a_vector, pseudonym

from scoring.domain.ports import Place
from scoring.main import Parts, build_app
from shared.auth.testing import Fixed, an_actor, fixed
from shared.explain.sentences import sentence_of

ROW = {"values": [0.5, 2.0, None], "coverage": [1.0, 1.0, 0.9], "usual": None}


@pytest.fixture
def caller() -> Fixed:
    return fixed(an_actor("service"))


@pytest.fixture
def client(parts: Parts, caller: Fixed) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(build_app(parts, caller))
    return httpx2.AsyncClient(transport=transport, base_url="http://scoring")


async def test_one_or_many_vectors_are_scored(client: httpx2.AsyncClient) -> None:
    """Scores come in the order asked, with reasons, and the same for one as among many."""
    body: dict[str, Any] = {"catalogue": CATALOGUE, "vectors": [ROW, {**ROW, "values": [9, 9, 9]}]}
    many = (await client.post("/v1/score", json=body)).json()
    one = (await client.post("/v1/score", json={**body, "vectors": [ROW]})).json()
    assert many["model"] == "test-1"
    assert many["scores"][0] == one["scores"][0]
    assert many["scores"][0]["missing"] == [FEATURES[2]]
    assert many["scores"][0]["contributions"]


async def test_each_contribution_is_a_sentence_in_both_languages(
    client: httpx2.AsyncClient,
) -> None:
    """What was seen is said in plain Chinese and English, with the number."""
    body = {"catalogue": CATALOGUE, "vectors": [ROW]}
    answer = (await client.post("/v1/score", json=body)).json()["scores"][0]
    for one in answer["contributions"]:
        said = sentence_of(one["indicator"], one["value"], one["usual"])
        assert (one["zh"], one["en"]) == (said.zh, said.en)


async def test_explanations_can_be_left_out(client: httpx2.AsyncClient) -> None:
    """With explain false the reasons are empty and the score is the same."""
    body = {"catalogue": CATALOGUE, "vectors": [ROW]}
    full = (await client.post("/v1/score", json=body)).json()["scores"][0]
    bare = (await client.post("/v1/score", json={**body, "explain": False})).json()["scores"][0]
    assert bare == {**full, "contributions": []}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"catalogue": "d" * 64, "vectors": [ROW]}, 409, "other_catalogue"),
        ({"catalogue": CATALOGUE, "vectors": [{**ROW, "values": [1]}]}, 400, "wrong_length"),
        ({"catalogue": CATALOGUE, "vectors": []}, 422, "malformed"),
        ({"catalogue": CATALOGUE, "vectors": [ROW], "more": 1}, 422, "malformed"),
        ({"catalogue": CATALOGUE, "vectors": [ROW] * 1001}, 413, "too_many_vectors"),
    ],
)
async def test_what_cannot_be_scored_is_refused(
    client: httpx2.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    """Another catalogue, a wrong length, too many: each has its status and stable code."""
    answer = await client.post("/v1/score", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_latest_assessment_is_shown_within_reach_only(
    client: httpx2.AsyncClient, parts: Parts, caller: Fixed
) -> None:
    """A counsellor of the college reads it; one of another college learns nothing."""
    student = pseudonym(1)
    one = parts.service.assess([a_vector(student)])[0]
    async with parts.database.write() as connection:
        await parts.repository.save(connection, [Place(0, one)])
    path = f"/v1/students/{student}/assessment"
    caller.actor = an_actor("college_counsellor", colleges=["c1"])
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.json()["id"] == one.id
    caller.actor = an_actor("college_counsellor", colleges=["c2"])
    assert (await client.get(path)).status_code == 404
    caller.actor = an_actor("peer_helper")
    assert (await client.get(path)).status_code == 403
    caller.actor = an_actor("service")
    assert (await client.get(f"/v1/students/{pseudonym(9)}/assessment")).status_code == 404


async def test_a_reload_reports_what_it_did(client: httpx2.AsyncClient, parts: Parts) -> None:
    """Swapped, unchanged, refused with the old one serving; the models page says the same."""
    folder = Path(parts.settings.bundle_dir)
    assert (await client.post("/v1/models/reload")).json()["outcome"] == "unchanged"
    a_bundle(folder, model="test-2", seed=2)
    assert (await client.post("/v1/models/reload")).json()["outcome"] == "swapped"
    (folder / "model.onnx").write_bytes(b"x")
    refused = (await client.post("/v1/models/reload")).json()
    assert (refused["outcome"], refused["model"]) == ("refused", "test-2")
    listed = (await client.get("/v1/models")).json()
    assert listed["serving"][0]["model"] == "test-2"
    assert listed["refused"]["reason"] == "hash"


async def test_the_watcher_sees_a_new_bundle(parts: Parts) -> None:
    """An unchanged folder is left alone, a changed one is loaded."""
    assert parts.job.look() is None
    a_bundle(Path(parts.settings.bundle_dir), model="test-3", seed=3)
    done = parts.job.look()
    assert done is not None
    assert done.outcome == "swapped"
    assert parts.job.look() is None


async def test_reading_models_needs_the_duty(client: httpx2.AsyncClient, caller: Fixed) -> None:
    """A student reads no models and reloads none."""
    caller.actor = an_actor("student", student=pseudonym(1))
    assert (await client.get("/v1/models")).status_code == 403
    assert (await client.post("/v1/models/reload")).status_code == 403
    assert (await client.get("/v1/state/digest")).status_code == 403
