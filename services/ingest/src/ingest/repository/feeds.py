"""Feeds and their keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ingest import tables
from ingest.domain.feed import Feed, FeedKey
from ingest.repository.moments import aware
from shared.db.database import Database
from shared.db.statements import insert_into


class FeedRepository:
    """Implements `ingest.domain.ports.FeedStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def feeds(self) -> list[Feed]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(tables.feeds).order_by(tables.feeds.c.id))
            return [_feed(row) for row in rows]

    async def add_feed(self, feed: Feed) -> bool:
        async with self._database.write() as connection:
            statement = (
                insert_into(connection, tables.feeds)
                .values(id=feed.id, registered_at=feed.registered_at, **_changeable(feed))
                .on_conflict_do_nothing()
                .returning(tables.feeds.c.id)
            )
            return (await connection.scalar(statement)) is not None

    async def change_feed(self, feed: Feed) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.feeds).where(tables.feeds.c.id == feed.id).values(**_changeable(feed))
            )

    async def keys(self) -> list[FeedKey]:
        async with self._database.read() as connection:
            return [_key(row) for row in await connection.execute(select(tables.feed_keys))]

    async def add_key(self, key: FeedKey) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                tables.feed_keys.insert(),
                {
                    "id": key.id,
                    "feed": key.feed,
                    "prefix": key.prefix,
                    "mac": key.mac,
                    "types": " ".join(key.types),
                    "created_at": key.created_at,
                },
            )

    async def revoke_key(self, feed: str, key_id: str, at: datetime) -> bool:
        keys = tables.feed_keys
        async with self._database.write() as connection:
            result = await connection.execute(
                update(keys)
                .where(keys.c.feed == feed, keys.c.id == key_id, keys.c.revoked_at.is_(None))
                .values(revoked_at=at)
            )
            return bool(result.rowcount)

    async def mark_used(self, used: Sequence[tuple[str, datetime]]) -> None:
        keys = tables.feed_keys
        async with self._database.write() as connection:
            for key_id, at in sorted(used):
                await connection.execute(
                    update(keys).where(keys.c.id == key_id).values(last_used_at=at)
                )


def _changeable(feed: Feed) -> dict[str, Any]:
    return {
        "owner": feed.owner,
        "types": " ".join(feed.types),
        "cadence_s": feed.cadence_s,
        "rate_per_s": feed.rate_per_s,
    }


def _feed(row: Any) -> Feed:  # noqa: ANN401 - a database row
    return Feed(
        id=row.id,
        owner=row.owner,
        types=tuple(row.types.split()),
        cadence_s=row.cadence_s,
        rate_per_s=row.rate_per_s,
        registered_at=aware(row.registered_at) or row.registered_at,
    )


def _key(row: Any) -> FeedKey:  # noqa: ANN401 - a database row
    return FeedKey(
        id=row.id,
        feed=row.feed,
        prefix=row.prefix,
        mac=row.mac,
        types=tuple(row.types.split()),
        created_at=aware(row.created_at) or row.created_at,
        revoked_at=aware(row.revoked_at),
        last_used_at=aware(row.last_used_at),
    )
