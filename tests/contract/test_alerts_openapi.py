"""The OpenAPI document of alerts tells the truth: generated requests get declared answers."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.helpers.alerts import urgent
from tests.helpers.alerts_app import a_world
from tests.helpers.openapi import Operation, holds_to_its_document, operations_of

from shared.auth.testing import an_actor

OPERATIONS = [
    ("GET", "/v1/alerts"),
    ("GET", "/v1/alerts/{alert}"),
    ("POST", "/v1/alerts/{alert}/acknowledge"),
    ("POST", "/v1/alerts/{alert}/resolve"),
    ("POST", "/v1/alerts/{alert}/level"),
    ("POST", "/v1/alerts/{alert}/review"),
    ("GET", "/v1/policy"),
    ("GET", "/v1/policy/dry-run"),
    ("GET", "/v1/outbox"),
    ("POST", "/v1/outbox/{number}/retry"),
    ("GET", "/v1/inhibitions"),
    ("GET", "/v1/state/digest"),
]
ENDLESS = ("GET", "/v1/alerts/stream")  # tests/integration/alerts reads it


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[FastAPI, str]:
    """Return the app over two students' alerts, for a caller who may do everything, and one id."""
    return asyncio.run(_prepared(tmp_path_factory.mktemp("alerts")))


async def _prepared(folder: Path) -> tuple[FastAPI, str]:
    async with a_world(f"sqlite+aiosqlite:///{folder / 'alerts.db'}") as world:
        for number in (1, 2):
            await world.place(f"s{number}")
            alert = await world.decide(urgent(number, student=f"s{number}"))
        world.caller.actor = an_actor("school_officer", "service", "it", school="u")
        return world.app, alert


def test_every_operation_is_asked(made: tuple[FastAPI, str]) -> None:
    """The list above is the document's."""
    assert operations_of(made[0]) == {*OPERATIONS, ENDLESS}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(made: tuple[FastAPI, str], operation: Operation) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    # a cursor is text that we made ourselves, which no schema can say
    excluded = [positive_data_acceptance] if operation == ("GET", "/v1/alerts") else []
    holds_to_its_document(made[0], operation, excluded=excluded)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if "{alert}" in each[1]])
def test_answers_about_an_alert_are_as_declared(
    made: tuple[FastAPI, str], operation: Operation
) -> None:
    """The same about an alert that exists, whatever state the requests have put it in."""
    app, alert = made
    holds_to_its_document(app, operation, known={"alert": alert})
