"""The OpenAPI document of features tells the truth: generated requests get declared answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from tests.helpers.feature_log import a_tick, an_event, at, facts, run
from tests.helpers.features_app import a_settings, sqlite_url

from features import main
from features.domain.state import PartitionState
from shared.auth.testing import an_actor, fixed
from shared.contracts.topics import CAMPUS_EVENTS, DIRECTORY_STUDENTS
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker, FakeSink, FakeSource

OPERATIONS = [
    "/v1/students/{pseudonym}/vector",
    "/v1/students/{pseudonym}/days",
    "/v1/students/{pseudonym}/coverage",
    "/v1/catalogue",
    "/v1/counts",
    "/v1/state/digest",
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
    made.service.learn(0, "p1:a", facts("p1:a"))
    run(made.service, [an_event(), an_event(id="2", student="a", time=at(0.2)), a_tick(1)])
    assert isinstance(made.service.states[0], PartitionState)
    asyncio.run(made.database.close())
    return main.build_app(made, fixed(an_actor("school_officer", "service", school="s1")))


@pytest.mark.parametrize("path", OPERATIONS)
def test_answers_are_as_declared(app: FastAPI, path: str) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path]["GET"].as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        # the fixed caller takes every request for its own; tests/integration asks who may
        # a range whose end is before its start is refused, which no schema can say
        more = [positive_data_acceptance] if path.endswith("/days") else []
        case.call_and_validate(excluded_checks=[ignored_auth, *more])

    ask()


def test_every_operation_is_asked(app: FastAPI) -> None:
    """A new route must be added to the list above."""
    assert sorted(app.openapi()["paths"]) == sorted(OPERATIONS)
