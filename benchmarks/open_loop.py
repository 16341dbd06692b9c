"""A light sender that keeps its schedule whatever the answers are: prepared requests, raw sockets.

Run as a script: `host port step_s connections requests.bin answers.json`. A request is due every
`step_s`; it goes out on a free connection, else it waits for one, and the wait counts as lateness.
Times are those of the system's clock, which the broker on the same machine shares.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LENGTH = 4
_LEAD_S = 0.5
_HEADERS_MAX = 64 * 1024


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire."""

    path: str
    body: bytes
    headers: dict[str, str]

    def wire(self, host: str) -> bytes:
        lines = [f"POST {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


def store(requests: Sequence[bytes], file: Path) -> None:
    """Write requests for the script."""
    file.write_bytes(b"".join(len(r).to_bytes(_LENGTH, "big") + r for r in requests))


def _stored(file: Path) -> list[bytes]:
    content, at, requests = file.read_bytes(), 0, []
    while at < len(content):
        size = int.from_bytes(content[at : at + _LENGTH], "big")
        requests.append(content[at + _LENGTH : at + _LENGTH + size])
        at += _LENGTH + size
    return requests


class _Connection:
    """One kept-alive connection; reads as much of an answer as it takes to know its end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def exchange(self, request: bytes) -> int:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        await self._reader.readexactly(length)
        return int(head.split(b" ", 2)[1])


async def send(
    host: str, port: int, requests: Sequence[bytes], *, step_s: float, connections: int
) -> list[tuple[float, float, float, int]]:
    """Return due, sent and answered times and the status of every request, in order."""
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        pair = await asyncio.open_connection(host, port, limit=_HEADERS_MAX)
        free.put_nowait(_Connection(*pair))
    outcomes: list[tuple[float, float, float, int]] = [(0.0, 0.0, 0.0, 0)] * len(requests)

    async def one(number: int, due: float, connection: _Connection) -> None:
        sent = _now()
        status = await connection.exchange(requests[number])
        outcomes[number] = (due, sent, _now(), status)
        free.put_nowait(connection)

    began, tasks = _now() + _LEAD_S, []
    for number in range(len(requests)):
        due = began + number * step_s
        await asyncio.sleep(max(0.0, due - _now()))
        tasks.append(asyncio.create_task(one(number, due, await free.get())))
    await asyncio.gather(*tasks)
    return outcomes


def _now() -> float:
    return time.time()  # noqa: TID251 - compared with the broker's times of the same machine


def main() -> None:
    """Send what is stored and write what became of it."""
    host, port, step_s, connections, source, target = sys.argv[1:7]
    requests = _stored(Path(source))
    gc.freeze()
    gc.disable()
    outcomes = asyncio.run(
        send(host, int(port), requests, step_s=float(step_s), connections=int(connections))
    )
    Path(target).write_text(json.dumps(outcomes))


if __name__ == "__main__":
    main()
