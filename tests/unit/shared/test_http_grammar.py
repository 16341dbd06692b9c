"""What the HTTP server makes of requests that are unusual or hostile, on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI, Request
from tests.unit.shared.test_lifecycle import free_port

from shared import lifecycle
from shared.lifecycle import Service


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """Serve an app that answers with the length of the body it got."""
    app, port, stop = FastAPI(openapi_url=None), free_port(), asyncio.Event()

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    running = asyncio.create_task(
        lifecycle.serve([Service("test", "127.0.0.1", port, app)], stop), name="serving"
    )
    try:
        yield port
    finally:
        stop.set()
        await running


async def answer_to(port: int, request: bytes) -> bytes:
    """Send bytes, as far as they are taken, and return all that comes back."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    answer = bytearray()
    try:
        writer.write(request)
        await writer.drain()
        while part := await reader.read(65_536):
            answer += part
    except ConnectionError:
        pass  # refused while we were still sending; what was answered before counts
    finally:
        writer.close()
    return bytes(answer)


def post(*headers: str, body: bytes = b"hello") -> bytes:
    """Return a request with these headers beside its own."""
    lines = ["POST /length HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.mark.timeout(30)
async def test_a_client_that_offers_http_2_is_heard_with_its_body() -> None:
    """Java's own client offers it (h2c) with every first request; the offer is declined."""
    offer = post("Upgrade: h2c", "HTTP2-Settings: AAEAAEAA", "Content-Length: 5")
    offer = offer.replace(b"Connection: close", b"Connection: close, Upgrade, HTTP2-Settings")
    async with serving() as port:
        answer = await answer_to(port, offer)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert answer.endswith(b"5")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "request_",
    [
        post("X-Long: " + "a" * 1_000_000, "Content-Length: 5"),
        b"GET /length HTTP/1.1\r\nHost: x\r\nX-Unfinished: " + b"a" * 1_000_000,
        post("Transfer-Encoding: gzip, chunked", body=b"5\r\nhello\r\n0\r\n\r\n"),
        post("Content-Length: 5").replace(b"Host: x\r\n", b""),
        post("Content-Length: 5", "Content-Length: 6"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=["long header", "unfinished header", "gzip", "no host", "two lengths", "TLS"],
)
async def test_what_is_no_sound_request_is_refused(request_: bytes) -> None:
    """Headers are bounded before anybody is authenticated, and nothing is guessed."""
    async with serving() as port:
        answer = await answer_to(port, request_)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), answer
