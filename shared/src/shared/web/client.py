"""The one HTTP client: a thin wrapper, so that the library can be replaced in one file.

`httpx2` is httpx's maintained successor with the same names; see the README.
"""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx

from shared.kernel.errors import UnavailableError

Response = httpx.Response
MockTransport = httpx.MockTransport
Request = httpx.Request


class HttpClient:
    """An asynchronous client with explicit time-outs; transport faults are `UnavailableError`."""

    def __init__(
        self,
        base_url: str = "",
        *,
        timeout_s: float = 10.0,
        headers: dict[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout_s,
            headers=headers,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )

    async def request(self, method: str, url: str, **more: Any) -> Response:
        """Send one request; `more` as httpx takes it (`json`, `content`, `params`, `headers`).

        Raises:
            UnavailableError: no answer came (refused, time-out, broken connection).
        """
        try:
            return await self._client.request(method, url, **more)
        except httpx.TransportError as error:
            raise UnavailableError(f"{method} {url}: {type(error).__name__}") from error

    async def get(self, url: str, **more: Any) -> Response:
        return await self.request("GET", url, **more)

    async def post(self, url: str, **more: Any) -> Response:
        return await self.request("POST", url, **more)

    async def lines(self, url: str, **more: Any) -> AsyncIterator[str]:
        """Yield the lines of an endless answer (server-sent events) as they come.

        Raises:
            UnavailableError: no good answer came, or the connection broke.
        """
        try:
            async with self._client.stream("GET", url, timeout=None, **more) as response:
                if response.is_error:
                    raise UnavailableError(f"GET {url}: {response.status_code}")
                async for line in response.aiter_lines():
                    yield line
        except httpx.TransportError as error:
            raise UnavailableError(f"GET {url}: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
