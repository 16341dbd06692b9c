"""The history of mornings in the database: kept by difference, pruned, and refused clearly."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conftest import ROOT
from tests.helpers.feature_log import a_service, a_tick, an_event, at, run

from features import tables
from features.domain.emission import FlushRule
from features.main import _MIGRATIONS
from features.repository import CheckpointRepository
from features.service import FeatureService, Rules
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.features.history import LIFE_DAY

FIRST = 20_697


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Make a database with the service's tables."""
    made = Database(database_url)
    await upgrade(made, _MIGRATIONS, tables.metadata)
    yield made
    await made.close()


async def _live(
    database: Database, service: FeatureService, days: range, keep_days: int = 400
) -> None:
    """Let one student eat once a day; a tick each morning, a checkpoint each day."""
    repository = CheckpointRepository(keep_days=keep_days)
    for offset, day in enumerate(days):
        run(service, [an_event(id=f"{day}", time=at(day)), a_tick(day + 1)], start=2 * offset)
        async with database.write() as connection:
            await repository.save(connection, service.snapshot([0]))


async def test_a_morning_keeps_what_changed_since_the_one_before(database: Database) -> None:
    """One moment a day; a day's block once for its day and again only if a late event comes."""
    service = a_service()
    await _live(database, service, range(5))
    run(service, [an_event(id="late", time=at(1, 30)), a_tick(6)], start=100)
    async with database.write() as connection:
        await CheckpointRepository().save(connection, service.snapshot([0]))
        moments = await connection.execute(select(tables.history_moments.c.known))
        found = await connection.execute(
            select(tables.history_blocks.c.day, tables.history_blocks.c.known)
        )
    assert sorted(known - FIRST for (known,) in moments) == [1, 2, 3, 4, 5, 6]
    blocks = sorted((day - FIRST, known - FIRST) for day, known in found if day != LIFE_DAY)
    assert blocks == [(0, 1), (1, 2), (1, 6), (2, 3), (3, 4), (4, 5)]


async def test_a_second_tick_of_a_day_keeps_nothing(database: Database) -> None:
    """Only the first one of a campus day is a morning."""
    service = a_service()
    run(service, [an_event(), a_tick(1), an_event(id="2", time=at(1)), a_tick(1.2)])
    [snapshot] = service.snapshot([0])
    assert [moment.day - FIRST for moment in snapshot.moments] == [1]


async def test_old_mornings_go_and_later_ones_stay_whole(database: Database) -> None:
    """What no kept moment needs is deleted; the newest version before the limit is not."""
    await _live(database, a_service(), range(160), keep_days=121)
    async with database.read() as connection:
        moments = await connection.execute(select(tables.history_moments.c.known))
        lives = await connection.execute(
            select(tables.history_blocks.c.known).where(tables.history_blocks.c.day == LIFE_DAY)
        )
        days = await connection.execute(select(tables.history_blocks.c.day))
    kept = sorted(known - FIRST for (known,) in moments)
    assert kept == list(range(160 - 121, 161))
    assert min(known - FIRST for (known,) in lives) == 1
    assert min(day for (day,) in days if day != LIFE_DAY) - FIRST == 0


def test_without_history_nothing_is_kept() -> None:
    """A deployment may do without."""
    rules = Rules(a_service().rules.zone, flush=FlushRule("ticks"), history=False)
    service = FeatureService(rules, lambda: 0.0, b"secret")
    run(service, [an_event(), a_tick(1)])
    assert service.snapshot([0])[0].moments == []


async def test_labels_from_before_the_history_are_refused_with_the_first_day(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Exit 2, the first morning that can be computed, and the option that leaves them out."""
    await _live(database, a_service(), range(3))
    labels = tmp_path / "labels.csv"
    labels.write_text("student,time,label\np1:a,2026-08-01,1\np1:a,2026-09-03,0\n")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "training.dataset", "build", "--labels", str(labels),
         "--out", str(tmp_path / "out")],
        env={**os.environ, "LANTERN_FEATURES_DATABASE_URL": database_url,
             "PYTHONPATH": str(ROOT / "training/src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "1 are from before 2026-09-02" in done.stderr
    assert "--skip-early" in done.stderr
    assert not (tmp_path / "out").exists()
