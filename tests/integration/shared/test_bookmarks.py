"""Bookmarks on both databases: positions move only under the epoch that claimed them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.helpers.streams import TABLES, a_database

from shared.db.bookmarks import Bookmarks, Claim
from shared.db.database import Database
from shared.kernel.errors import FencedError

A, B = ("campus.events.v1", 0), ("campus.events.v1", 1)
GROUP = "lantern.features.v1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await a_database(database_url)
    yield database
    await database.close()


@pytest.fixture
def bookmarks() -> Bookmarks:
    return Bookmarks(TABLES.metadata)


async def claim(database: Database, bookmarks: Bookmarks, *places: tuple[str, int]) -> dict[
    tuple[str, int], Claim
]:  # fmt: skip
    async with database.write() as connection:
        return await bookmarks.claim(connection, GROUP, places)


async def advance(
    database: Database, bookmarks: Bookmarks, place: tuple[str, int], *, to: int, epoch: int
) -> None:
    async with database.write() as connection:
        await bookmarks.fence(connection, GROUP, {place: epoch})
        await bookmarks.advance(connection, GROUP, {place: to})


async def test_a_first_claim_has_no_position(database: Database, bookmarks: Bookmarks) -> None:
    """An unread partition has epoch 1 and no offset: reading begins where the topic does."""
    claims = await claim(database, bookmarks, A, B)
    assert claims == {A: Claim(1, None), B: Claim(1, None)}


async def test_a_position_is_found_again(database: Database, bookmarks: Bookmarks) -> None:
    """The next claim raises the epoch and returns what was stored, place by place."""
    await claim(database, bookmarks, A, B)
    await advance(database, bookmarks, A, to=42, epoch=1)
    assert await claim(database, bookmarks, A, B) == {A: Claim(2, 42), B: Claim(2, None)}
    async with database.read() as connection:
        assert await bookmarks.read(connection, GROUP) == {A: 42}


async def test_groups_do_not_meet(database: Database, bookmarks: Bookmarks) -> None:
    """Another group has its own epochs and positions."""
    await claim(database, bookmarks, A)
    async with database.write() as connection:
        other = await bookmarks.claim(connection, "lantern.alerts.v1", [A])
    assert other == {A: Claim(1, None)}


async def test_an_old_owner_is_refused(database: Database, bookmarks: Bookmarks) -> None:
    """After a take-over the older epoch can store nothing."""
    await claim(database, bookmarks, A)
    await claim(database, bookmarks, A)
    with pytest.raises(FencedError, match="new owner"):
        await advance(database, bookmarks, A, to=7, epoch=1)
    async with database.read() as connection:
        assert await bookmarks.read(connection, GROUP) == {}


async def test_one_lost_partition_refuses_the_whole_save(
    database: Database, bookmarks: Bookmarks
) -> None:
    """A save over two partitions of which one is lost stores neither."""
    await claim(database, bookmarks, A, B)
    await claim(database, bookmarks, B)
    async with database.write() as connection:
        with pytest.raises(FencedError, match=r"1 partitions"):
            await bookmarks.fence(connection, GROUP, {A: 1, B: 1})


async def test_a_take_over_waits_for_a_save_that_was_in_time(
    database: Database, bookmarks: Bookmarks
) -> None:
    """While a save is open the claim waits, then sees where the save got to."""
    await claim(database, bookmarks, A)
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def save() -> None:
        async with database.write() as connection:
            await bookmarks.fence(connection, GROUP, {A: 1})
            inside.set()
            await go_on.wait()
            await bookmarks.advance(connection, GROUP, {A: 9})

    saving = asyncio.create_task(save())
    await inside.wait()
    claiming = asyncio.create_task(claim(database, bookmarks, A))
    await asyncio.sleep(0.1)
    assert not claiming.done()
    go_on.set()
    await saving
    assert await claiming == {A: Claim(2, 9)}


async def test_claims_of_nothing_are_nothing(database: Database, bookmarks: Bookmarks) -> None:
    """An empty assignment needs no row."""
    assert await claim(database, bookmarks) == {}
