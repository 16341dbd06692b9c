"""The OpenAPI document of ingest tells the truth: generated requests get declared answers."""

import asyncio

import pytest
from fastapi import FastAPI
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)
from tests.helpers.ingest_app import MemorySink, some_settings
from tests.helpers.ingest_kit import NOW, a_feed
from tests.helpers.openapi import Operation, holds_to_its_document, operations_of

from ingest.main import Parts, assemble, build_app
from shared.auth.testing import an_actor, fixed
from shared.kernel.clock import ManualClock

# the front door answers 202 with rejected events; a valid schema still needs a key or a known feed
EXCLUDED = [negative_data_rejection, positive_data_acceptance]
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
    ("PUT", "/v1/imports/files/{sha256}"),
    ("POST", "/v1/imports"),
    ("GET", "/v1/imports"),
    ("GET", "/v1/imports/{import_id}"),
    ("GET", "/v1/imports/{import_id}/report"),
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


def test_every_operation_is_asked(made: tuple[FastAPI, str]) -> None:
    """The list above is the document's."""
    assert operations_of(made[0]) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(made: tuple[FastAPI, str], operation: Operation) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    app, key = made
    headers = {"X-API-Key": key} if operation[1] == "/v1/events" else {}
    holds_to_its_document(app, operation, excluded=EXCLUDED, headers=headers)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if "{feed}" in each[1]])
def test_answers_about_a_feed_are_as_declared(
    made: tuple[FastAPI, str], operation: Operation
) -> None:
    """The same about a feed that is registered."""
    holds_to_its_document(made[0], operation, excluded=EXCLUDED, known={"feed": "card"})
