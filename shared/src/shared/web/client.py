"""The one HTTP client: a thin wrapper, so that the library can be replaced in one file.

`httpx2` is httpx's maintained successor with the same names; see the README.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx

from shared.kernel.errors import LanternError, UnavailableError
from shared.kernel.trace import HEADER, continued
from shared.observability.tracing import current

Response = httpx.Response
MockTransport = httpx.MockTransport
Request = httpx.Request


class AddressError(LanternError):
    """The URL is none that can ever be called; trying again cannot help."""


@dataclass(frozen=True)
class Answer:
    """The start of an answer as it came; `is_whole` says whether that was all of it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    is_whole: bool


async def _follow_trace(request: Request) -> None:
    """Let what the other side does belong to the trace under which we ask it."""
    trace = current()
    if trace is not None:
        request.headers.setdefault(HEADER, continued(trace))


class HttpClient:
    """An asynchronous client with explicit time-outs; transport faults are `UnavailableError`.

    Raises:
        AddressError: the base URL is malformed.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        timeout_s: float = 10.0,
        headers: dict[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        try:
            self._client = httpx.AsyncClient(
                base_url=base_url,
                timeout=timeout_s,
                headers=headers,
                transport=transport,
                trust_env=False,
                follow_redirects=False,
                event_hooks={"request": [_follow_trace]},
            )
        except httpx.InvalidURL as error:
            raise AddressError("malformed URL") from error

    async def request(self, method: str, url: str, **more: Any) -> Response:
        """Send one request; `more` as httpx takes it (`json`, `content`, `params`, `headers`).

        Raises:
            AddressError: the URL is malformed.
            UnavailableError: no answer came (refused, time-out, broken connection).
        """
        try:
            return await self._client.request(method, url, **more)
        except httpx.InvalidURL as error:
            raise AddressError(f"{method}: malformed URL") from error
        except httpx.TransportError as error:
            raise UnavailableError(f"{method} {url}: {type(error).__name__}") from error

    async def get(self, url: str, **more: Any) -> Response:
        return await self.request("GET", url, **more)

    async def post(self, url: str, **more: Any) -> Response:
        return await self.request("POST", url, **more)

    async def post_briefly(self, url: str, *, longest: int, **more: Any) -> Answer:
        """Send one `POST` and read no more than `longest` bytes of the answer, undecoded.

        Raises:
            AddressError: the URL is malformed or of an unknown scheme.
            UnavailableError: no answer came, or it broke off.
        """
        content = bytearray()
        try:
            async with self._client.stream("POST", url, **more) as response:
                async for chunk in response.aiter_raw():
                    content += chunk
                    if len(content) > longest:
                        break
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise AddressError("POST: malformed URL") from error
        except httpx.TransportError as error:
            raise UnavailableError(f"POST {url}: {type(error).__name__}") from error
        is_whole = len(content) <= longest
        return Answer(response.status_code, response.headers, bytes(content[:longest]), is_whole)

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
