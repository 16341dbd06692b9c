"""A lone shadow changes nothing for the champion; readiness asks for the process's own lane."""

import asyncio

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.helpers.bundles import CATALOGUE, FEATURES

from scoring import main
from scoring.config import Settings
from scoring.domain.lanes import Lane
from scoring.jobs.lanes import Lanes, Opened
from scoring.main import build_app
from scoring.metrics import ScoringMetrics
from scoring.runtime import Meaning
from shared.auth.testing import an_actor, fixed
from shared.kernel.clock import ManualClock

WHY = {"reason": "better on last term"}


@pytest.mark.parametrize(("lane", "runs"), [("champion", True), ("candidate", False)])
def test_only_the_champions_process_reads_verdicts(
    settings: Settings, lane: str, *, runs: bool
) -> None:
    """A second member of the verdicts' group would judge, and suspend, by a bundle of its own."""
    where = settings.model_copy(
        update={
            "lane": lane,
            "service_token": SecretStr("x"),
            "pseudonym_key": SecretStr("ab" * 32),
        }
    )
    runners = main.build(where).runners
    assert {name: name in runners for name in ("verdicts", "drift")} == dict.fromkeys(
        ("verdicts", "drift"), runs
    )
    assert {"lanes", "models"} <= set(runners)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/models/second/promote", 409),
        ("POST", "/v1/models/rollback", 409),
        ("POST", "/v1/models/resume", 409),
        ("GET", "/v1/models/second/comparison", 404),
        ("GET", "/v1/drift", 404),
        ("GET", "/v1/performance", 404),
        ("GET", "/v1/models", 200),
    ],
)
async def test_a_lone_shadow_answers_for_itself_alone(
    settings: Settings, method: str, path: str, status: int
) -> None:
    """What changes or watches the champion is refused with where to ask, and nothing is logged."""
    where = settings.model_copy(update={"lane": "candidate"})
    lone = main.assemble(where, ManualClock(), meaning=Meaning(CATALOGUE, FEATURES))
    await lone.load()
    try:
        transport = httpx2.ASGITransport(build_app(lone, fixed(an_actor("it"))))
        async with httpx2.AsyncClient(transport=transport, base_url="http://scoring") as client:
            answer = await client.request(method, path, json=WHY if method == "POST" else None)
        assert answer.status_code == status, answer.text
        if status != httpx2.codes.OK:
            assert answer.json()["code"] == "lone_lane"
        assert (await lone.serving.log()).entries == []
    finally:
        await lone.database.close()


async def test_a_shadow_at_work_does_not_make_the_process_ready() -> None:
    """Only the process's own lane does."""
    champion, shadow = Lane("champion", "a", is_champion=True), Lane("s-b", "b")
    wanted = [shadow]

    async def wants() -> list[Lane]:
        return wanted

    async def opened(_: Lane) -> Opened:
        return Opened("m", _Idle())

    lanes = Lanes(wants, opened, ScoringMetrics(CollectorRegistry()))
    await lanes.look()
    assert lanes.complaint() is not None
    wanted.append(champion)
    await lanes.look()
    assert lanes.complaint() is None
    wanted.clear()
    await lanes.look()


class _Idle:
    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()
