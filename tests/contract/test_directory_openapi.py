"""The OpenAPI document of directory tells the truth: generated requests get declared answers."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.helpers.directory_service import OFFICER, running_directory
from tests.helpers.openapi import Operation, holds_to_its_document, operations_of
from tests.helpers.ports import free_port

OPERATIONS = [
    ("GET", "/v1/org/tree"),
    ("GET", "/v1/people/{person}"),
    ("GET", "/v1/recipients"),
    ("GET", "/v1/students"),
    ("GET", "/v1/students/{pseudonym}"),
    ("GET", "/v1/students/{pseudonym}/leaves"),
    ("POST", "/v1/students/{pseudonym}/leaves"),
    ("DELETE", "/v1/students/{pseudonym}/leaves/{leave}"),
    ("GET", "/v1/calendar"),
    ("PUT", "/v1/calendar"),
    ("POST", "/v1/roster/imports"),
    ("POST", "/v1/identities/reveal"),
    ("POST", "/v1/identities/reveals/{reveal}/approve"),
    ("GET", "/v1/identities/reveals/{reveal}"),
    ("GET", "/v1/identities/reveals"),
    ("POST", "/v1/identities/reveals/{reveal}/review"),
    ("POST", "/v1/identities/lookup"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/audit/verify"),
]


async def _serve(url: str, port: int, started: threading.Event, server: list[Any]) -> None:
    async with running_directory(url) as directory:
        await directory.load()
        directory.caller.actor = OFFICER
        config = uvicorn.Config(directory.app, port=port, log_config=None, lifespan="off")
        server.append(uvicorn.Server(config))
        started.set()
        await server[0].serve()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a directory with the small roster on loopback, in a thread of its own."""
    folder: Path = tmp_path_factory.mktemp("directory")
    port, started, server = free_port(), threading.Event(), list[Any]()
    url = f"sqlite+aiosqlite:///{folder / 'directory.db'}"
    thread = threading.Thread(target=lambda: asyncio.run(_serve(url, port, started, server)))
    thread.start()
    assert started.wait(60)
    yield f"http://127.0.0.1:{port}"
    server[0].should_exit = True
    thread.join(30)


def test_every_operation_is_asked(address: str) -> None:
    """The list above is the document's."""
    assert operations_of(address) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_declared(address: str, operation: Operation) -> None:
    """No server error, no undeclared status, no body outside of its schema."""
    # that bytes are a zip of rosters, or days in order, no schema can say: 400
    holds_to_its_document(address, operation, excluded=[positive_data_acceptance])
