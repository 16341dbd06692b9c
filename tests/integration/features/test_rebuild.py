"""`python -m features.main --rebuild`, from the refusal to the state that the log makes anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, update
from tests.conftest import ROOT
from tests.helpers.feature_log import a_tick, an_event, at, digest_of, facts
from tests.helpers.features_app import a_settings, put_events, put_facts, running, work_off

from features import tables
from features.main import assemble
from features.worker import GROUP
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS, STUDENT_FEATURES
from shared.db.database import Database
from shared.features.slots import LAYOUT_VERSION
from shared.kernel.clock import ManualClock
from shared.kernel.errors import ConfigError
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

STUDENTS = ("p1:a", "p1:b", "p1:c")


async def test_after_a_rebuild_the_log_makes_the_same_state_and_the_same_vectors(
    database_url: str, tmp_path: Path
) -> None:
    """Another layout is refused; `--rebuild` alone deletes nothing, with `--yes` all comes anew."""
    broker, settings = FakeBroker(2), a_settings(database_url)
    put_facts(broker, *(facts(one) for one in STUDENTS))
    for day in range(4):
        put_events(broker, [(one, _meal(one, day)) for one in STUDENTS])
        put_events(broker, [("tick", a_tick(day + 0.9))])
    async with running(broker, settings) as parts:
        await work_off(parts)
        was = digest_of(parts.service)
        await parts.worker.drain()
    before = _vectors(broker)
    await _age(database_url)
    with pytest.raises(ConfigError, match=r"features\.main --rebuild"):
        await _start(broker, database_url)
    code, said = _rebuild(database_url, tmp_path)
    assert (code, "would delete: 3 students" in said) == (2, True)
    with pytest.raises(ConfigError):
        await _start(broker, database_url)
    code, said = _rebuild(database_url, tmp_path, "--yes")
    assert (code, "deleted: 3 students" in said) == (0, True)
    async with running(broker, settings) as parts:
        await work_off(parts)
        assert digest_of(parts.service) == was
    assert len(before) > len(STUDENTS)
    assert sorted(_vectors(broker)) == sorted(2 * before)


def _meal(student: str, day: int) -> bytes:
    return an_event(id=f"{student}-{day}", student=student, time=at(day, 30))


def _vectors(broker: FakeBroker) -> list[bytes]:
    return broker.values(STUDENT_FEATURES.name)


async def _start(broker: FakeBroker, url: str) -> None:
    parts = assemble(
        a_settings(url),
        events=FakeSource(broker, [CAMPUS_EVENTS], group=GROUP),
        facts=FakeSource(broker, [DIRECTORY_STUDENTS], group=None),
        sink=FakeSink(broker),
        clock=ManualClock(),
    )
    try:
        await parts.load()
    finally:
        await parts.database.close()


async def _age(url: str) -> None:
    """Let the checkpoints be of an older layout."""
    database = Database(url)
    meta, now = tables.partitions.c.meta, f'"version":{LAYOUT_VERSION}'
    older = update(tables.partitions).where(meta.contains(now))
    async with database.write() as connection:
        done = await connection.execute(older.values(meta=func.replace(meta, now, '"version":1')))
        assert done.rowcount
    await database.close()


def _rebuild(url: str, home: Path, *words: str) -> tuple[int, str]:
    """Run the command as a person does; return its exit code and what it said."""
    environment = {
        **os.environ,
        "LANTERN_HOME": str(home),
        "LANTERN_FEATURES_DATABASE_URL": url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "features.main", "--rebuild", *words],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
