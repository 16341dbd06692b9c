"""A migrated database of alerts, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from tests.helpers.alerts import a_policy

from alerts.main import MIGRATIONS
from alerts.repository.decisions import SqlStores
from alerts.tables import metadata
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import ManualClock


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    await upgrade(made, MIGRATIONS, metadata)
    yield made
    await made.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stores(database: Database, clock: ManualClock) -> SqlStores:
    return SqlStores(database, a_policy(), clock)
