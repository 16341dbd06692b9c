"""Calls to ingest over REST."""

import asyncio
from http import HTTPStatus
from typing import Any

from cli.context import Context
from cli.errors import answered
from shared.kernel.errors import UnavailableError


class IngestCalls:
    """Calls to ingest that survive its restart: they are tried again for `patience_s`."""

    def __init__(self, here: Context, *, patience_s: float = 120.0) -> None:
        self._here = here
        self._patience_s = patience_s

    async def call(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - a JSON document
        """Return the answer's JSON; ends the command with one line when ingest refuses."""
        clock = asyncio.get_running_loop()
        deadline = clock.time() + self._patience_s
        while True:
            try:
                async with self._here.client("ingest", timeout_s=300.0) as client:
                    answer = await client.request(method, path, **more)
            except UnavailableError:
                if clock.time() > deadline:
                    raise
            else:
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or clock.time() > deadline:
                    return answered("ingest", answer)
            await asyncio.sleep(1.0)
