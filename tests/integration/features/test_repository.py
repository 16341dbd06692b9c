"""Checkpoints on SQLite and PostgreSQL: what is loaded is what was saved."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select
from tests.helpers.feature_log import (
    MemoryCheckpoints,
    a_service,
    a_tick,
    an_event,
    at,
    digest_of,
    run,
)

from features import tables
from features.config import Settings
from features.main import _MIGRATIONS, _refuse_other_layouts, forget_checkpoints
from features.repository import CheckpointRepository, Stored
from shared.db.database import Database
from shared.db.migrate import config_for, upgrade
from shared.features.slots import LAYOUT_VERSION
from shared.kernel.errors import ConfigError


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Make a database with the service's tables."""
    made = Database(database_url)
    await upgrade(made, _MIGRATIONS, tables.metadata)
    yield made
    await made.close()


async def test_what_is_loaded_is_what_was_saved(database: Database) -> None:
    """Several checkpoints by difference load as the same bits, and as the memory store's."""
    repository, memory = CheckpointRepository(), MemoryCheckpoints()
    service, offset = a_service(), 0
    for number in range(4):
        events = [
            an_event(id=f"{number}-{k}", student=f"p1:{k % 300}", time=at(number * 20 + k % 3))
            for k in range(400)
        ]
        run(service, [*events, a_tick(number * 20 + 4)], start=offset)
        offset += 401
        snapshots = service.snapshot([0])
        memory.save(snapshots)
        async with database.write() as connection:
            await repository.save(connection, snapshots)
    async with database.read() as connection:
        loaded = await repository.load(connection, 0)
        assert await repository.load(connection, 1) is None
        assert await repository.students(connection, [0, 1]) == [300]
    again, other = a_service(), a_service()
    again.load(0, loaded)
    other.load(0, memory.load(0))
    assert digest_of(again) == digest_of(other) == digest_of(service)
    assert again.counts() == service.counts()
    repeat = run(again, [an_event(id="3-1", student="p1:1", time=at(61))], start=offset)
    assert not repeat.refused
    assert again.counts()["card"][3] == 1


async def test_days_that_left_the_ring_stay_for_training_until_their_time(
    database: Database,
) -> None:
    """The offline store keeps days beyond the ring, also those that left it between checkpoints."""
    repository = CheckpointRepository(keep_days=200)
    service = a_service()
    days = (0, 150, 300)
    run(service, [an_event(id=str(day), time=at(day)) for day in days])
    async with database.write() as connection:
        await repository.save(connection, service.snapshot([0]))
        found = await connection.execute(select(tables.days.c.day).order_by(tables.days.c.day))
        assert [day - 20_697 for (day,) in found] == [150, 300]


async def test_a_failed_transaction_leaves_the_checkpoint_before(database: Database) -> None:
    """Rolled back, nothing of a checkpoint is there."""
    service = a_service()
    run(service, [an_event()])
    async with database.engine.connect() as connection:
        await CheckpointRepository().save(connection, service.snapshot([0]))
        await connection.rollback()
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(tables.days)) == 0


async def test_the_secret_is_made_once(database: Database) -> None:
    """Every start reads the same secret."""
    repository = CheckpointRepository()
    async with database.write() as connection:
        first = await repository.secret(connection, "duplicates")
        assert len(first) == 32
        assert await repository.secret(connection, "duplicates") == first


async def test_migrations_and_tables_agree(database: Database, tmp_path: Path) -> None:
    """The migrations make exactly the declared tables, and can be taken back."""

    def check(connection: Connection) -> None:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []
        command.downgrade(config_for(_MIGRATIONS, tables.metadata, connection), "base")

    async with database.write() as connection:
        await connection.run_sync(check)


async def test_checkpoints_of_another_layout_are_refused_and_made_anew(database: Database) -> None:
    """An old layout is named with what to do; after it the log begins at 0 for a new epoch."""
    repository, service = CheckpointRepository(), a_service()
    run(service, [an_event()])
    [snapshot] = service.snapshot([0])
    old = dataclasses.replace(snapshot, meta=dataclasses.replace(snapshot.meta, version=1))
    place = {"group_name": "g", "topic": "t", "partition": 0, "next_offset": 9, "epoch": 4}
    async with database.write() as connection:
        await repository.save(connection, [old])
        await connection.execute(tables.bookmarks.insert(), [place])
        assert await repository.layouts(connection) == {1}
    said = r"layout 1, this version reads \d.*--rebuild.*lost for good.*30 days.*120"
    with pytest.raises(ConfigError, match=said):
        _refuse_other_layouts({1})
    _refuse_other_layouts({LAYOUT_VERSION})
    async with database.write() as connection:
        await repository.forget(connection)
        assert await repository.layouts(connection) == set()
        assert await repository.load(connection, 0) is None
        assert await repository.students(connection, [0]) == []
        [mark] = await connection.execute(select(tables.bookmarks))
    assert (mark.next_offset, mark.epoch) == (0, 5)


async def test_a_rebuild_says_what_goes_and_deletes_only_when_sure(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Unsure, it counts and leaves all as it was; sure, it deletes what it counted."""
    settings = Settings(home=tmp_path, database_url=database_url)
    repository, service = CheckpointRepository(), a_service()
    run(service, [an_event(), an_event(id="2", student="p1:b", time=at(1)), a_tick(2)])
    async with database.write() as connection:
        await repository.save(connection, service.snapshot([0]))
    found = await forget_checkpoints(settings, is_sure=False)
    assert (found.students, found.days) == (2, 2)
    assert await forget_checkpoints(settings, is_sure=True) == found
    assert await forget_checkpoints(settings, is_sure=False) == Stored(0, 0, 0)
