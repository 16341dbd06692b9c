"""Drift of what the champion reads: by college and intake, over REST, in metrics."""

from pathlib import Path

import httpx2
import numpy as np
import pytest
from tests.helpers.bundles import FEATURES, a_bundle
from tests.helpers.lanes import drained, put, the_champions_worker
from tests.helpers.vectors import a_vector, pseudonym

from scoring.main import Parts, build_app
from shared.auth.testing import an_actor, fixed
from shared.contracts.codec import encode
from shared.contracts.student import StudentFacts
from shared.contracts.topics import DIRECTORY_STUDENTS
from shared.drift.reference import encode as encode_reference
from shared.drift.reference import reference_of
from shared.stream.records import Partition, Record, Records, Run
from shared.stream.testing import FakeBroker


def learned() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(1).normal(size=(3000, len(FEATURES)))


async def read_by(parts: Parts, count: int) -> None:
    """Let the champion read vectors: those of college c2 have another `meal_count`."""
    broker = FakeBroker(partitions=2)
    rows = np.random.default_rng(2).normal(size=(count, len(FEATURES)))
    for number, row in enumerate(rows.tolist()):
        college = "c2" if number % 3 == 0 else "c1"
        values = [
            row[0],
            row[1] + (2.0 if college == "c2" else 0.0),
            None if number < 5 else row[2],
        ]
        put(broker, a_vector(pseudonym(number), values=values, college=college))
    worker = await the_champions_worker(parts, broker)
    await worker.start()
    await drained(worker)
    await worker.close()


@pytest.fixture
def client(parts: Parts) -> httpx2.AsyncClient:
    app = build_app(parts, fixed(an_actor("it")))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://scoring")


async def test_a_shift_of_one_college_shows_there(parts: Parts, client: httpx2.AsyncClient) -> None:
    """The moved indicator of the moved college is over the limit, nothing of the other one is."""
    folder = Path(parts.settings.bundle_dir)
    a_bundle(folder, model="test-2", reference=encode_reference(reference_of(FEATURES, learned())))
    parts.job.reload()
    await read_by(parts, 600)
    parts.intakes.years.update({pseudonym(n): 2024 + n % 2 for n in range(580)})
    report = (await client.get("/v1/drift")).json()
    assert (report["model"], report["reference_vectors"]) == ("test-2", 3000)
    verdicts = {
        (g["by"], g["group"], i["indicator"]): i["verdict"]
        for g in report["groups"]
        for i in g["indicators"]
    }
    assert {
        key for key, verdict in verdicts.items() if key[0] == "college" and verdict != "stable"
    } == {("college", "c2", "meal_count")}
    sizes = {(g["by"], g["group"]): g["students"] for g in report["groups"]}
    assert sizes["college", "c2"] == 200
    assert sizes["intake", "2024"] == sizes["intake", "2025"] == 290
    where = {"by": "college", "group": "c2", "indicator": "meal_count"}
    psi = parts.registry.get_sample_value("scoring_drift_psi", where)
    assert psi is not None
    assert psi > 0.25
    only = (await client.get("/v1/drift?by=college")).json()["groups"]
    assert {g["by"] for g in only} == {"college"}


async def test_a_small_group_has_no_figures(parts: Parts, client: httpx2.AsyncClient) -> None:
    """Ten students of a college are neither counted nor judged."""
    reference = encode_reference(reference_of(FEATURES, learned()))
    a_bundle(Path(parts.settings.bundle_dir), model="test-2", reference=reference)
    parts.job.reload()
    await read_by(parts, 60)
    groups = (await client.get("/v1/drift?by=college")).json()["groups"]
    assert [(g["group"], g["students"], len(g["indicators"])) for g in groups] == [
        ("c1", 40, 3),
        ("c2", None, 0),
    ]


async def test_a_bundle_without_a_reference_says_so(
    parts: Parts, client: httpx2.AsyncClient
) -> None:
    """No groups, and null instead of a number of reference vectors; no error."""
    report = (await client.get("/v1/drift")).json()
    assert (report["reference_vectors"], report["groups"]) == (None, [])


def test_a_reference_that_does_not_hold_together_is_refused(parts: Parts) -> None:
    """The bundle is not served, and the reason names the file; the old one serves on."""
    a_bundle(Path(parts.settings.bundle_dir), model="test-2", reference=b"{}")
    done = parts.job.reload()
    assert done.outcome == "refused"
    assert done.refusal is not None
    assert done.refusal.reason == "reference"


def test_intakes_follow_the_topic(parts: Parts) -> None:
    """The last facts win, a tombstone forgets, rubbish is passed over."""
    place = Partition(DIRECTORY_STUDENTS.name, 0)
    facts = StudentFacts(
        student="p1:a", school="s", college="c", team="t", enrolled=True, degree="master",
        intake=2024, masks=[], updated_at="2026-03-02T04:00:00Z", version=1,
    )  # fmt: skip
    values = [encode(facts), b"{rubbish", None]
    keys = [b"p1:a", b"p1:a", b"p1:b"]
    parts.intakes.years["p1:b"] = 2020
    records = [
        Record(place, n, key, value, 1, ())
        for n, (key, value) in enumerate(zip(keys, values, strict=True))
    ]
    parts.intakes.apply(Records([Run(place, records)]))
    assert parts.intakes.years == {"p1:a": 2024}


async def test_peers_speak_where_there_is_no_usual_value(parts: Parts) -> None:
    """The median of college and intake, said to be the peers'; one's own is told where known."""
    await read_by(parts, 90)  # the usual meal_count of none of them is known
    parts.intakes.years.update({pseudonym(n): 2025 for n in range(90)})
    app = build_app(parts, fixed(an_actor("service")))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://scoring"
    ) as client:
        answer = await client.get(f"/v1/students/{pseudonym(3)}/assessment")
    reasons = {one["indicator"]: one for one in answer.json()["contributions"]}
    rows = np.random.default_rng(2).normal(size=(90, len(FEATURES)))
    median = float(np.median(rows[::3, 1].astype(np.float32) + np.float32(2.0)))
    peers = reasons["meal_count"]["peers"]
    assert (peers["among"], peers["students"]) == ("college_and_intake", 30)
    assert peers["value"] == pytest.approx(median, abs=1e-5)
    assert "peers usually" in reasons["meal_count"]["en"]
    assert reasons["breakfast_rate"]["peers"] is None
    assert "peers" not in reasons["breakfast_rate"]["en"]
