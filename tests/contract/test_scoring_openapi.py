"""The OpenAPI document of scoring tells the truth: generated requests get declared answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle

from scoring import main, runtime
from scoring.config import Settings
from shared.auth.testing import an_actor, fixed
from shared.bundle.keys import add_trusted
from shared.kernel.clock import ManualClock


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    home = tmp_path_factory.mktemp("scoring")
    add_trusted(home / "trusted.json", TRUSTED.keys[0])
    made = main.assemble(
        Settings(
            database_url=f"sqlite+aiosqlite:///{home / 'scoring.db'}",
            bundle_dir=a_bundle(home / "bundle"),
            trusted_keys_file=home / "trusted.json",
        ),
        ManualClock(),
    )
    folder: Path = made.settings.bundle_dir
    made.service._loader = lambda: runtime.load(
        folder, TRUSTED, catalogue=CATALOGUE, features=FEATURES
    )
    asyncio.run(_migrate(made))
    return main.build_app(made, fixed(an_actor("service")))


async def _migrate(made: main.Parts) -> None:
    await made.load()
    await made.database.close()


# the fixed caller of these tests takes every request for its own; tests/integration asks who may
IGNORED_AUTH = ignored_auth
OPERATIONS = [
    ("POST", "/v1/score"),
    ("GET", "/v1/students/{pseudonym}/assessment"),
    ("GET", "/v1/models"),
    ("POST", "/v1/models/reload"),
    ("GET", "/v1/state/digest"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_declared(app: FastAPI, method: str, path: str) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(excluded_checks=[IGNORED_AUTH])

    answers()
