"""One conformance suite for the senders, against loopback servers of every temper."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from alerts.domain.ports import Item, LaterError
from alerts.notifiers.console import Broadcast, ConsoleSender
from alerts.notifiers.email import EmailSender, Smtp
from alerts.notifiers.switchboard import Switchboard
from alerts.notifiers.webhook import WebhookSender
from shared.kernel.clock import SystemClock
from shared.kernel.errors import DeliveryError
from shared.web.client import HttpClient

SECRET = "s3cret"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """Serve one conversation a connection on a free port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def http(status: str, body: str, headers: str = "", seen: list[bytes] | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        body_in = await reader.readexactly(length)
        if seen is not None:
            seen.extend((head, body_in))
        raw = body.encode()
        answer = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(raw)}\r\n\r\n"
        writer.write(answer.encode() + raw)

    return talk


def smtp(recipient: str = "250 ok", data: str = "250 queued as 42") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).upper():
            if line.startswith((b"EHLO", b"HELO")):
                writer.write(b"250 here\r\n")
            elif line.startswith(b"RCPT"):
                writer.write(recipient.encode() + b"\r\n")
            elif line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(data.encode() + b"\r\n")
            elif line.startswith(b"QUIT"):
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")

    return talk


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff\xfe garbage\r\n\r\n")


def item(channel: str, port: int) -> Item:
    address = f"http://127.0.0.1:{port}/hook" if channel == "webhook" else "p@example.org"
    return Item(
        number=1, key="message_1", lane="message", alert="alert_1", student="s1", attempts=1,
        tier="team", level="yellow", channel=channel, person="p1", address=address,  # type: ignore[arg-type]
    )  # fmt: skip


async def send(channel: str, port: int) -> str:
    """Send one message; return the receipt's code."""
    if channel == "email":
        relay = Smtp("127.0.0.1", port, tls="none", timeout_s=0.5)
        return (await EmailSender(relay, "https://care.example").send(item("email", port))).code
    async with HttpClient(timeout_s=0.5) as client:
        sender = WebhookSender(client, SecretStr(SECRET), "https://care.example", SystemClock())
        return (await sender.send(item("webhook", port))).code


FULL = '{"ok": false, "code": "full", "retry": true}'
YES = '{"ok": true, "id": "r1"}'
REFUSALS = [
    ("webhook", http("500 X", ""), "http_500", True),
    ("webhook", http("429 X", "", "Retry-After: 7\r\n"), "http_429", True),
    ("webhook", http("503 X", "", "Retry-After: soon\r\n"), "http_503", True),
    ("webhook", http("400 X", YES), "http_400", False),
    ("webhook", http("302 X", YES, "Location: http://127.0.0.1/\r\n"), "http_302", False),
    ("webhook", http("200 OK", ""), "unreadable_answer", True),
    ("webhook", http("200 OK", "<html>"), "unreadable_answer", True),
    ("webhook", http("200 OK", "[" * 5000), "unreadable_answer", True),
    ("webhook", http("200 OK", "[true]"), "unreadable_answer", True),
    ("webhook", http("200 OK", '{"ok": "true"}'), "refused_refused", False),
    (
        "webhook",
        http("200 OK", FULL),
        "refused_full",
        True,
    ),
    ("webhook", silent, "timeout", True),
    ("webhook", garbage, "unreachable", True),
    ("email", smtp(recipient="451 later"), "smtp_451", True),
    ("email", smtp(recipient="550 nobody"), "smtp_550", False),
    ("email", smtp(data="452 full"), "smtp_452", True),
    ("email", smtp(data="554 refused"), "smtp_554", False),
    ("email", silent, "timeout", True),
    ("email", garbage, "unreadable_answer", True),
]


@pytest.mark.parametrize(("channel", "talk"), [("webhook", http("200 OK", YES)), ("email", smtp())])
async def test_success_gives_a_receipt(channel: str, talk: Talk) -> None:
    """A plain yes of the provider is a receipt."""
    async with talking(talk) as port:
        assert await send(channel, port) == "accepted"


@pytest.mark.parametrize(("channel", "talk", "code", "retry"), REFUSALS)
async def test_refusals_have_a_code_and_say_if_a_retry_helps(
    channel: str, talk: Talk, code: str | None, retry: bool
) -> None:
    """Error, rate limit, time-out and garbage are each a DeliveryError, never an assumption."""
    async with talking(talk) as port:
        with pytest.raises(DeliveryError) as caught:
            await send(channel, port)
    assert caught.value.retry is retry
    assert code is None or caught.value.code == code


@pytest.mark.parametrize("channel", ["webhook", "email"])
async def test_nobody_listening_is_worth_a_retry(channel: str) -> None:
    """A refused connection is a refusal that may pass."""
    async with talking(garbage) as port:
        pass
    with pytest.raises(DeliveryError) as caught:
        await send(channel, port)
    assert caught.value.retry


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://h:x/", "http://\x00/", "ftp://example.org/", "nonsense"]
)
async def test_a_malformed_address_is_refused_for_good(address: str) -> None:
    """What can never be called dies with a code and stops nobody."""
    async with HttpClient(timeout_s=0.5) as client:
        sender = WebhookSender(client, SecretStr(SECRET), "https://care.example", SystemClock())
        with pytest.raises(DeliveryError) as caught:
            await sender.send(replace(item("webhook", 1), address=address))
    assert (caught.value.code, caught.value.retry) == ("bad_address", False)


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    """A receiver that never stops talking is left after 64 KiB."""
    async with asyncio.timeout(5), talking(endless) as port:
        with pytest.raises(DeliveryError) as caught:
            await send("webhook", port)
    assert (caught.value.code, caught.value.retry) == ("unreadable_answer", True)


async def test_retry_after_is_told() -> None:
    """The provider's own wish for a pause reaches the retries."""
    async with talking(http("429 X", "", "Retry-After: 7\r\n")) as port:
        with pytest.raises(LaterError) as caught:
            await send("webhook", port)
    assert caught.value.after_s == 7


async def test_the_webhook_is_signed_and_holds_id_tier_and_link_only() -> None:
    """The receiver can verify it; key and fields are exactly the documented ones."""
    seen: list[bytes] = []
    async with talking(http("200 OK", YES, seen=seen)) as port:
        await send("webhook", port)
    head, body = seen
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    signed = headers["lantern-timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["lantern-signature"] == f"v1={expected}"
    assert headers["idempotency-key"] == "message_1"
    content = json.loads(body)
    assert set(content) == {"id", "alert", "tier", "link", "subject", "text"}
    assert b"s1" not in body
    assert b"yellow" not in body


async def test_the_console_wakes_its_watchers() -> None:
    """The console is handed over with or without a watcher, and says which."""
    broadcast = Broadcast()
    sender = ConsoleSender(broadcast)
    assert (await sender.send(item("console", 0))).code == "nobody_watching"
    with broadcast.watch() as woken:
        assert (await sender.send(item("console", 0))).code == "shown"
        assert woken.is_set()


async def test_a_channel_without_settings_is_off_and_says_so() -> None:
    """A message for a channel that is not set up dies with a code, not in silence."""
    with pytest.raises(DeliveryError) as caught:
        await Switchboard({}).send(item("email", 0))
    assert (caught.value.code, caught.value.retry) == ("channel_off", False)
