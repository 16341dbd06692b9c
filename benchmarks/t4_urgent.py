"""T4: from an urgent signal accepted over HTTP to its hand-over to the first channel."""

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

import msgspec
import numpy as np
from aiokafka import AIOKafkaConsumer
from aiosmtpd.controller import Controller

from benchmarks import open_loop
from benchmarks.figure import Figure, at_most, no_value
from benchmarks.load import register
from benchmarks.sending import Spent, send
from benchmarks.stand import Say, Stand, campus, run, stand
from cli.kafka_broker import free_ports
from shared.contracts.topics import ALERTS_EVENTS
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import SystemClock
from simulator.roster import roster_files, roster_zip
from simulator.simulation import simulate

RATE, SIGNALS, WARM = 5, 200, 20
_TYPE = "lantern.report.filed.v1"
_ALERT = re.compile(r"#alert=([A-Za-z0-9_.:-]+)")
_TEXT = "text/plain"
_LATE_MS, _OTHERS_CORES, _DRAIN_S = 20.0, 0.3, 5.0
_TARGET = 300
_WHAT = "urgent signal accepted over HTTP to handed to the first channel, p99"


class _Opened(msgspec.Struct):
    alert: str
    student: str


class Mailbox:
    """An SMTP relay on loopback that notes when it took the first message of each alert."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.messages = 0
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802, ANN401 - the library's
        now = time.time()  # noqa: TID251 - compared with another process's times
        message = message_from_bytes(envelope.content, policy=default)
        texts = [part.get_content() for part in message.walk() if part.get_content_type() == _TEXT]
        found = _ALERT.search("".join(texts))
        with self._lock:
            self.messages += 1
            if found:
                self.first.setdefault(found[1], now)
        return "250 OK"


def measure(say: Say) -> Figure:
    """File 200 urgent reports of different students, five a second, and wait for their e-mails."""
    config = campus(SIGNALS + WARM, days=1)
    simulation = simulate(config)
    with (
        stand() as here,
        mailbox() as (box, port),
        here.service("directory") as directory,
        here.service(
            "alerts", smtp_host="127.0.0.1", smtp_port=str(port), smtp_tls="none"
        ) as alerts,
        here.service("ingest") as ingest,
    ):
        for service in (directory, alerts, ingest):
            service.wait_ready()
        run(_import(here, roster_zip(roster_files(simulation))))
        key = run(register(here, types=(_TYPE,)))
        numbers = simulation.campus.numbers
        services = {"ingest": ingest, "directory": directory, "alerts": alerts}
        requests = _requests(here, key, numbers)
        outcomes, spent = send(here, requests, services, step_s=1 / RATE, connections=16)
        time.sleep(_DRAIN_S)
        alert_of = run(_alerts(here))
        pseudonym = here.pseudonymiser().pseudonym
        students = [pseudonym(number) for number in numbers]
    pairs = [
        (answered, box.first.get(alert_of.get(student, "")), sent)
        for student, (_due, sent, answered, _status) in zip(students, outcomes, strict=True)
    ][WARM:]
    late = np.array([(sent - due) * 1000 for due, sent, *_ in outcomes[WARM:]])
    late_p99 = float(np.percentile(late, 99))
    return _figure(say, pairs, late_p99=late_p99, messages=box.messages, spent=spent)


def _figure(
    say: Say,
    pairs: Sequence[tuple[float, float | None, float]],
    *,
    late_p99: float,
    messages: int,
    spent: Spent,
) -> Figure:
    handed = [max(0.0, at - answered) * 1000 for answered, at, _ in pairs if at is not None]
    whole = [(at - sent) * 1000 for _, at, sent in pairs if at is not None]
    detail: dict[str, Any] = {
        "signals": len(pairs), "handed_over": len(handed), "messages": messages,
        "rate_per_s": RATE, "sender_late_p99_ms": round(late_p99, 1), "channel": "email over SMTP",
        "cores_used": spent.cores, "cores_used_by_others": spent.others,
    }  # fmt: skip
    if len(handed) < len(pairs):
        why = f"only {len(handed)} of {len(pairs)} signals were handed over"
        return no_value("T4", _WHAT, why, target=_TARGET, unit="ms", **detail)
    p50, p99, longest = np.percentile(handed, [50, 99, 100]).tolist()
    detail |= {
        "p50_ms": round(p50, 1), "max_ms": round(longest, 1),
        "sent_to_handed_over_p99_ms": round(float(np.percentile(whole, 99)), 1),
    }  # fmt: skip
    say(f"accepted to handed over: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {longest:.0f} ms")
    why = ""
    if late_p99 >= _LATE_MS:
        why = f"the sender was {late_p99:.0f} ms late at p99, of {_LATE_MS:.0f} allowed"
    if spent.others > _OTHERS_CORES:
        why = f"other work took {spent.others:.2f} cores, {_OTHERS_CORES:g} are allowed"
    if why:
        return no_value("T4", _WHAT, why, target=_TARGET, unit="ms", p99_ms=round(p99, 1), **detail)
    return at_most("T4", _WHAT, p99, target=_TARGET, unit="ms", **detail)


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """Run the relay in a thread of this process, which does nothing else meanwhile."""
    (port,), box = free_ports(1), Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


async def _import(here: Stand, archive: bytes) -> None:
    async with here.here.client("directory", timeout_s=120.0) as client:
        file = {"file": ("roster.zip", archive, "application/zip")}
        (await client.post("/v1/roster/imports", files=file)).raise_for_status()


def _requests(here: Stand, key: str, numbers: Sequence[str]) -> list[bytes]:
    headers = {"X-API-Key": key, "Content-Type": "application/x-ndjson"}
    host = here.here.url("ingest").removeprefix("http://")
    now = format_utc(SystemClock().now())
    return [
        open_loop.Request("/v1/events", _report(number, now), headers).wire(host)
        for number in numbers
    ]


def _report(number: str, now: str) -> bytes:
    return json.dumps({
        "type": _TYPE, "specversion": "1.0", "id": f"report-{number}", "source": "urn:bench:report",
        "subject": number, "time": now,
        "data": {"urgency": "urgent", "reporter": "peer", "concern": "safety"},
    }).encode()  # fmt: skip


async def _alerts(here: Stand) -> dict[str, str]:
    """Return each student's alert, from the log of alerts."""
    consumer = AIOKafkaConsumer(
        ALERTS_EVENTS.name, bootstrap_servers=here.servers, group_id=None,
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    found: dict[str, str] = {}
    try:
        while batches := await consumer.getmany(timeout_ms=2000):
            for records in batches.values():
                for record in records:
                    opened = _decode(record.value or b"")
                    found[opened.student] = opened.alert
    finally:
        await consumer.stop()
    return found


_decode = msgspec.json.Decoder(_Opened).decode
