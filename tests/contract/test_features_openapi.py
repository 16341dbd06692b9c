"""The OpenAPI document of features tells the truth: generated requests get declared answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.helpers.feature_log import a_tick, an_event, at, facts, run
from tests.helpers.features_app import a_settings, sqlite_url
from tests.helpers.openapi import Operation, holds_to_its_document, operations_of

from features import main
from features.domain.state import PartitionState
from shared.auth.testing import an_actor, fixed
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

STUDENT = "p1:a"
OPERATIONS = [
    ("GET", "/v1/students/{pseudonym}/vector"),
    ("GET", "/v1/students/{pseudonym}/days"),
    ("GET", "/v1/students/{pseudonym}/coverage"),
    ("GET", "/v1/catalogue"),
    ("GET", "/v1/counts"),
    ("GET", "/v1/state/digest"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """Return the app over two students' state."""
    folder: Path = tmp_path_factory.mktemp("features")
    broker = FakeBroker()
    made = main.assemble(
        a_settings(sqlite_url(folder)),
        events=FakeSource(broker, [CAMPUS_EVENTS]),
        facts=FakeSource(broker, [DIRECTORY_STUDENTS], group=None),
        sink=FakeSink(broker),
        clock=ManualClock(),
    )
    made.service.learn(0, STUDENT, facts(STUDENT))
    run(made.service, [an_event(), an_event(id="2", student="p1:b", time=at(0.2)), a_tick(1)])
    assert isinstance(made.service.states[0], PartitionState)
    asyncio.run(made.database.close())
    return main.build_app(made, fixed(an_actor("school_officer", "service", school="s1")))


def test_every_operation_is_asked(app: FastAPI) -> None:
    """The list above is the document's."""
    assert operations_of(app) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(app: FastAPI, operation: Operation) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    holds_to_its_document(app, operation, excluded=_beyond_schemas(operation))


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if "{pseudonym}" in each[1]])
def test_answers_about_a_student_are_as_declared(app: FastAPI, operation: Operation) -> None:
    """The same about a student of whom there is something to tell."""
    holds_to_its_document(
        app, operation, known={"pseudonym": STUDENT}, excluded=_beyond_schemas(operation)
    )


def _beyond_schemas(operation: Operation) -> list[Any]:
    """Return the checks that a range whose end is before its start would fail."""
    return [positive_data_acceptance] if operation[1].endswith("/days") else []
