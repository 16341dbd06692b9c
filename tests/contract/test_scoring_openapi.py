"""The OpenAPI document of scoring tells the truth: generated requests get declared answers."""

import asyncio

import pytest
from fastapi import FastAPI
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle
from tests.helpers.openapi import Operation, holds_to_its_document, operations_of

from scoring import main
from scoring.config import Settings
from scoring.runtime import Meaning
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
        meaning=Meaning(CATALOGUE, FEATURES),
    )
    asyncio.run(_migrate(made))
    return main.build_app(made, fixed(an_actor("service", "it")))


async def _migrate(made: main.Parts) -> None:
    await made.load()
    await made.database.close()


OPERATIONS = [
    ("POST", "/v1/score"),
    ("GET", "/v1/students/{pseudonym}/assessment"),
    ("GET", "/v1/models"),
    ("POST", "/v1/models/reload"),
    ("POST", "/v1/models/rollback"),
    ("POST", "/v1/models/resume"),
    ("GET", "/v1/models/changes"),
    ("POST", "/v1/models/{bundle}/promote"),
    ("GET", "/v1/models/{bundle}/comparison"),
    ("GET", "/v1/drift"),
    ("GET", "/v1/performance"),
    ("GET", "/v1/state/digest"),
]


def test_every_operation_is_asked(app: FastAPI) -> None:
    """The list above is the document's."""
    assert operations_of(app) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(app: FastAPI, operation: Operation) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    holds_to_its_document(app, operation)
