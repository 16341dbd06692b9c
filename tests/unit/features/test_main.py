"""What `--rebuild` says and when it deletes."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.helpers.feature_log import a_service, an_event, run

from features import tables
from features.main import _MIGRATIONS, main
from features.repository import CheckpointRepository
from shared.db.database import Database
from shared.db.migrate import upgrade


async def _save(url: str) -> None:
    database, service = Database(url), a_service()
    run(service, [an_event()])
    await upgrade(database, _MIGRATIONS, tables.metadata)
    async with database.write() as connection:
        await CheckpointRepository().save(connection, service.snapshot([0]))
    await database.close()


async def _partitions(url: str) -> int:
    database = Database(url)
    async with database.read() as connection:
        found = (await connection.execute(select(tables.partitions.c.partition))).all()
    await database.close()
    return len(found)


@pytest.mark.parametrize(
    ("words", "outcome", "said"),
    [
        ("--rebuild", (2, 1), "would delete: 1 students, 1 campus days"),
        ("--rebuild --yes", (0, 0), "deleted: 1 students, 1 campus days"),
        ("--rebuild --check", (2, 1), ""),
    ],
)
def test_a_rebuild_needs_a_yes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    *,
    words: str,
    outcome: tuple[int, int],
    said: str,
) -> None:
    """Without it all stays and the loss is named; with it the checkpoints go."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'features.db'}"
    monkeypatch.setenv("LANTERN_FEATURES_DATABASE_URL", url)
    monkeypatch.setattr(sys, "argv", ["features", *words.split()])
    asyncio.run(_save(url))
    code = main()
    assert (code, asyncio.run(_partitions(url))) == outcome
    out = capsys.readouterr().out
    assert said in out
    assert not said or "lost for good" in out
