"""What every test may ask for: databases, a real broker, the campus data, a quiet Hypothesis.

Servers are started once a session, by the tests themselves, and stopped by them.
`LANTERN_TEST_KAFKA` and `LANTERN_TEST_PG_DSN` point to servers that exist already.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.helpers.broker import shared_broker
from tests.helpers.postgres import Postgres, postgres_server

ROOT = Path(__file__).parents[1]

settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture),
)
settings.register_profile("deep", parent=settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("LANTERN_HYPOTHESIS", "ci"))


@pytest.fixture(scope="session")
def _session_root(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder that all xdist workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL server for this session (each xdist worker has its own)."""
    with postgres_server() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres: Postgres) -> AsyncIterator[str]:
    """Make a fresh, empty PostgreSQL database and give its URL."""
    name = f"lantern_{secrets.token_hex(8)}"
    await postgres.create(name)
    yield postgres.url(name)
    await postgres.drop(name)


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a fresh, empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def kafka(_session_root: Path) -> Iterator[str]:
    """Bootstrap servers of a real Apache Kafka; mark tests that use it with `kafka`."""
    with shared_broker(_session_root, ROOT / ".lantern" / "kafka" / "libs") as bootstrap:
        yield bootstrap


@pytest.fixture
def topic_prefix() -> str:
    """Return a prefix for topics and groups that no other test has."""
    return f"t{secrets.token_hex(5)}."


@pytest.fixture(scope="session")
def campus_data() -> Path:
    """Return the folder of the real data; skips where it is not."""
    folder = Path(os.environ.get("LANTERN_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "campus_card").is_dir():
        pytest.skip("the real data is not here: set LANTERN_DATA to its folder")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixture, so that `-m 'not kafka'` needs no discipline."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        for fixture, mark in (
            ("kafka", pytest.mark.kafka),
            ("postgres_url", pytest.mark.postgres),
            ("campus_data", pytest.mark.data),
        ):
            if fixture in names:
                item.add_marker(mark)
