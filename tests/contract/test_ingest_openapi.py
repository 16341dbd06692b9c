"""The OpenAPI document of ingest tells the truth: generated requests get declared answers."""

import asyncio
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)
from tests.helpers.ingest_app import MemorySink, some_settings
from tests.helpers.ingest_kit import NOW, a_feed

from ingest.main import Parts, assemble, build_app
from shared.auth.testing import an_actor, fixed
from shared.kernel.clock import ManualClock

# the fixed caller takes every request for its own; the front door answers 202 with rejected events,
# and a valid schema still needs a key or a registered feed
EXCLUDED = [ignored_auth, negative_data_rejection, positive_data_acceptance]
OPERATIONS = [
    ("POST", "/v1/events"),
    ("GET", "/v1/feeds"),
    ("POST", "/v1/feeds"),
    ("GET", "/v1/feeds/{feed}"),
    ("PUT", "/v1/feeds/{feed}"),
    ("PATCH", "/v1/feeds/{feed}"),
    ("GET", "/v1/feeds/{feed}/keys"),
    ("POST", "/v1/feeds/{feed}/keys"),
    ("DELETE", "/v1/feeds/{feed}/keys/{key}"),
    ("GET", "/v1/counts"),
    ("GET", "/v1/dead-letters"),
    ("GET", "/v1/dead-letters/{letter}"),
    ("POST", "/v1/dead-letters/{letter}/redrive"),
    ("POST", "/v1/dead-letters/redrive"),
    ("POST", "/v1/ticks"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[FastAPI, str]:
    home = tmp_path_factory.mktemp("ingest")
    parts = assemble(some_settings(home), MemorySink(), ManualClock(NOW))
    key = asyncio.run(_prepare(parts))
    return build_app(parts, fixed(an_actor("it"))), key


async def _prepare(parts: Parts) -> str:
    await parts.load()
    await parts.feeds.register(a_feed())
    _, new = await parts.feeds.issue_key("card")
    await parts.database.close()
    return new.text


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_declared(made: tuple[FastAPI, str], method: str, path: str) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    app, key = made
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        headers = {"X-API-Key": key} if path == "/v1/events" else {}
        case.call_and_validate(excluded_checks=EXCLUDED, headers=headers)

    answers()


def test_every_own_operation_is_tried(made: tuple[FastAPI, str]) -> None:
    """A route that is added is added here, or belongs to imports."""
    paths = made[0].openapi()["paths"]
    declared = {
        (m.upper(), p) for p, methods in paths.items() for m in methods if "import" not in p
    }
    assert declared == set(OPERATIONS)
