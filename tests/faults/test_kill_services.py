"""Each service is killed with -9 in the middle of a replay, and so is the broker.

Whatever dies, and whenever: the state at the end is that of a run in which nothing died.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.helpers.installation import Installation, a_campus, installation

from cli.kafka_broker import KafkaBroker, free_ports

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(480)]
LIBS = Path(__file__).parents[2] / ".lantern" / "kafka" / "libs"
KILL_DAYS = (5, 17, 29)  # of 35: at some 15, 50 and 85 hundredths of the replay
RESTART_S = 20.0  # a session time-out of 45 s that has to pass shows here
_RESENT = ("read", "duplicate", "log_duplicate")
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    digests: dict[str, Any]
    counts: Counts
    alerts: set[bytes]


async def what_came_of(lantern: Installation) -> Run:
    await lantern.caught_up()
    return Run(await lantern.digests(), await lantern.counts(), await lantern.published_alerts())


async def a_run(kafka: str, home: Path, victim: str | None = None) -> tuple[Run, list[float]]:
    """Run the campus; a victim is killed three times, while events flow."""
    async with installation(kafka, home) as lantern:
        campus = a_campus()
        await lantern.load(campus)
        deaths = dict.fromkeys(KILL_DAYS, lantern.death_of(victim)) if victim else {}
        await lantern.replay(campus, deaths)
        return await what_came_of(lantern), lantern.restarts


@pytest.fixture(scope="module")
def undisturbed(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what the campus comes to when nothing dies."""
    run, _ = asyncio.run(a_run(kafka, tmp_path_factory.mktemp("undisturbed") / "home"))
    assert len(run.alerts) > 50, "a campus without alerts proves little"
    return run


def without_resends(counts: Counts) -> Counts:
    """Leave out what grows when a request is sent again: it was read, and known, twice."""
    return {
        feed: {name: number for name, number in each.items() if name not in _RESENT}
        | {"new": each["read"] - each["duplicate"]}
        for feed, each in counts.items()
    }


def meaning(alerts: set[bytes]) -> list[tuple[str, ...]]:
    """Leave out ids: they rest on places in the log, which a repeated request moves."""
    found = [json.loads(each) for each in alerts]
    names = ("student", "at", "sequence", "kind", "level", "reason", "tier", "verdict")
    return sorted(tuple(str(each[name]) for name in names) for each in found)


@pytest.mark.parametrize("victim", ["features", "scoring", "alerts"])
def test_a_killed_worker_goes_on_as_if_nothing_had_been(
    victim: str, kafka: str, tmp_path: Path, undisturbed: Run
) -> None:
    """Three kills in one replay: state, sums and published alerts are those of a quiet run."""
    run, restarts = asyncio.run(a_run(kafka, tmp_path / "home", victim))
    assert run == undisturbed
    assert len(restarts) == len(KILL_DAYS)
    assert max(restarts) < RESTART_S


def test_what_a_killed_ingest_had_not_answered_is_sent_again_and_counts_once(
    kafka: str, tmp_path: Path, undisturbed: Run
) -> None:
    """Nothing accepted is lost and nothing is applied twice, though requests were repeated."""
    run, restarts = asyncio.run(a_run(kafka, tmp_path / "home", "ingest"))
    assert run.digests == undisturbed.digests
    assert meaning(run.alerts) == meaning(undisturbed.alerts)
    assert without_resends(run.counts) == without_resends(undisturbed.counts)
    assert max(restarts) < RESTART_S


def test_a_directory_killed_during_the_import_knows_everybody_afterwards(
    kafka: str, tmp_path: Path, undisturbed: Run
) -> None:
    """A roster is imported whole or not at all, and its facts reach the others after a kill."""

    async def scenario() -> Run:
        async with installation(kafka, tmp_path / "home") as lantern:
            campus = a_campus()
            await lantern.import_people_killed(campus, after_s=0.15)
            lantern.kill("directory")  # facts may still wait in the outbox
            await lantern.restart("directory")
            await lantern.load(campus)
            await lantern.replay(campus, {17: lantern.death_of("directory")})
            return await what_came_of(lantern)

    assert asyncio.run(scenario()) == undisturbed


def test_a_killed_broker_loses_nothing_that_was_acknowledged(
    tmp_path: Path, undisturbed: Run
) -> None:
    """The broker dies twice while everything flows; services wait for it and go on."""
    port, controller = free_ports(2)
    broker = KafkaBroker(tmp_path, port=port, controller_port=controller, libs=LIBS)

    async def die() -> None:
        pid = broker.status().pid
        assert pid is not None
        process = psutil.Process(pid)
        process.kill()
        await asyncio.to_thread(process.wait, 30)  # its ports are free again
        await asyncio.to_thread(broker.up, 120)

    async def scenario() -> Run:
        async with installation(broker.bootstrap_servers, tmp_path / "home") as lantern:
            campus = a_campus()
            await lantern.load(campus)
            await lantern.replay(campus, {9: die, 24: die})
            return await what_came_of(lantern)

    broker.up(timeout_s=120)
    try:
        run = asyncio.run(scenario())
    finally:
        broker.down()
    assert run.digests == undisturbed.digests
    assert meaning(run.alerts) == meaning(undisturbed.alerts)
    assert without_resends(run.counts) == without_resends(undisturbed.counts)
