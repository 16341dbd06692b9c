"""A whole installation for tests: every service a process of its own, on a real broker.

    async with installation(kafka, folder) as lantern:
        await lantern.load(campus)
        await lantern.replay(campus, {3: lantern.death_of("features")})  # -9 amid the fourth day
        await lantern.caught_up()
        assert await lantern.digests() == expected

Processes are forked from a server that has imported the services once, which saves four seconds of
processor time a start. Ports are free ones, topics have a prefix of their own, and every process is
ended at the end.
"""

import asyncio
import os
import secrets
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiokafka import AIOKafkaConsumer, TopicPartition

from cli.commands.replay import closing_tick
from cli.commands.state import digests
from cli.context import SERVICES, CliSettings, Context
from cli.demo import stage
from cli.kafka_broker import free_ports
from cli.readiness import wait_until_ready
from shared.contracts.topics import (
    ALERTS_EVENTS,
    CAMPUS_EVENTS,
    DIRECTORY_STUDENTS,
    RISK_ASSESSMENTS,
    STUDENT_FEATURES,
    Topic,
)
from shared.kernel.errors import LanternError, UnavailableError
from shared.stream.kafka import create_topics
from simulator import CampusConfig, Simulation, simulate
from simulator.over_http import HttpOptions, HttpStreamer
from simulator.progress import StreamReport

PARTITIONS = 4
READY_S = 60.0
KEY = "5e" * 32  # of pseudonyms: two runs are compared, so both must name students alike
_CHAIN: tuple[tuple[str, str, Topic], ...] = (
    ("directory.students reaches alerts", "alerts", DIRECTORY_STUDENTS),
    ("features", "features", CAMPUS_EVENTS),
    ("scoring", "scoring", STUDENT_FEATURES),
    ("alerts, urgent", "alerts", CAMPUS_EVENTS),
    ("alerts, model", "alerts", RISK_ASSESSMENTS),
)
Interruption = Callable[[], Awaitable[None]]
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([f"{service}.main" for service in SERVICES])


def a_campus() -> Simulation:
    """Return five weeks of sixty students, many of them unwell, so that alerts come of it."""
    return simulate(
        CampusConfig(
            students=60,
            teams=4,
            colleges=2,
            days=35,
            activity=0.3,
            at_risk_share=0.5,
            effect_mean=2.5,
            duplicate_share=0.01,
            late_share=0.03,
            end=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        )
    )


@dataclass
class Installation:
    """The processes of one home folder, and what a test does with them."""

    here: Context
    servers: str
    ports: Mapping[str, int]
    processes: dict[str, ForkServerProcess] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    sent: StreamReport = field(default_factory=StreamReport)
    restarts: list[float] = field(default_factory=list)

    # --- processes ------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        outer = {k: v for k, v in os.environ.items() if not k.startswith("LANTERN_")}
        settings = self.here.settings
        return {
            **outer,
            **self.here.environment(),
            **{f"LANTERN_{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            "LANTERN_PSEUDONYM_KEY": KEY,
            "LANTERN_TOPIC_PREFIX": settings.topic_prefix,
            "LANTERN_PARTITIONS": str(settings.partitions),
            "LANTERN_INGEST_TICKS": "event",
            "LANTERN_INGEST_TICK_INTERVAL_S": "86400",
            "LANTERN_INGEST_MAX_FUTURE_S": "none",
            "LANTERN_FEATURES_FLUSH": "ticks",
            "LANTERN_FEATURES_CHECKPOINT_S": "1",
            "LANTERN_ALERTS_SEND_TIMEOUT_S": "1",
            "LANTERN_ALERTS_LEASE_S": "6.5",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def spawn(self, service: str) -> None:
        folder, log = str(self.here.home), str(self.log(service))
        process = _FORKS.Process(
            target=_serve, args=(service, self.environment(), folder, log), daemon=True
        )
        process.start()
        self.processes[service] = process

    def log(self, service: str) -> Path:
        return self.here.home / f"{service}.log"

    async def start(self) -> None:
        for service in SERVICES:
            self.spawn(service)
        await self.ready(*SERVICES)

    async def ready(self, *services: str) -> None:
        """Wait for readiness; a process that ended or is late is an error with its log."""
        for remaining in range(int(READY_S), 0, -1):
            self.assert_alive()
            try:
                await wait_until_ready(self.here, services, 1.0)
            except UnavailableError as error:
                if remaining == 1:
                    raise AssertionError(f"{error}\n{self.tails(*services)}") from error
            else:
                return

    def kill(self, service: str) -> None:
        """End a service as a crash does; it must have been alive."""
        process = self.processes[service]
        assert process.is_alive(), f"{service} ended by itself\n{self.tails(service)}"
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL

    def death_of(self, service: str) -> Interruption:
        """Return what kills a service and starts it again at once."""

        async def die() -> None:
            self.kill(service)
            await self.restart(service)

        return die

    async def restart(self, service: str) -> None:
        """Start a killed service again and wait until it is ready."""
        began = asyncio.get_running_loop().time()
        self.spawn(service)
        await self.ready(service)
        self.restarts.append(asyncio.get_running_loop().time() - began)

    def stop(self) -> None:
        """End every process; those that do not end by themselves are killed."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.join(15)
            process.kill()
            process.join()

    def assert_alive(self) -> None:
        ended = [name for name, process in self.processes.items() if not process.is_alive()]
        assert not ended, f"{ended} ended by themselves\n{self.tails(*ended)}"

    def tails(self, *services: str) -> str:
        logs = (self.log(name).read_text(errors="replace")[-1500:] for name in services)
        return "\n".join(f"--- {name}\n{text}" for name, text in zip(services, logs, strict=True))

    # --- the campus -----------------------------------------------------------------------------

    async def load(self, campus: Simulation) -> None:
        """Import the people, register the feeds, and wait until alerts has read the people."""
        await self.import_people(campus)
        self.keys = await stage.open_feeds(self.here)
        await self.caught_up(0)

    async def import_people(self, campus: Simulation) -> None:
        with patch.dict(os.environ, {"LANTERN_PSEUDONYM_KEY": KEY}):
            await stage.import_people(self.here, campus)

    async def import_people_killed(self, campus: Simulation, after_s: float) -> None:
        """Kill directory in the middle of the import, then import again as a person would."""
        importing = asyncio.create_task(self.import_people(campus))
        await asyncio.sleep(after_s)
        self.kill("directory")
        await self.restart("directory")
        try:
            await importing
        except LanternError:
            await self.import_people(campus)

    async def replay(self, campus: Simulation, amid: Mapping[int, Interruption]) -> None:
        """Send the campus in a strict order; amid some days, while events flow, something dies."""
        async with self.here.client("ingest", timeout_s=30.0) as client:
            options = HttpOptions(batch=150, in_flight=1, patience_s=90.0)
            streamer = HttpStreamer(client, self.keys, options=options)
            for day in campus.days():
                sending = asyncio.create_task(streamer.replay(campus, [day]))
                if day.number in amid:
                    await asyncio.sleep(0.01 * (1 + day.number % 5))
                    await amid[day.number]()
                await sending
            self.sent = streamer.report
            last = campus.config.end - timedelta(hours=1)
            tick = closing_tick(last, campus.config.zone)
            answer = await client.post("/v1/ticks", json={"time": tick})
        assert answer.status_code == 200, answer.text
        assert answer.json()["published"]

    # --- what came of it ------------------------------------------------------------------------

    async def caught_up(self, first: int = 1, *, budget_s: float = 90.0) -> None:
        """Wait, stage by stage, until everything in the log is behind the stored bookmarks."""
        for name, service, topic in _CHAIN if first else _CHAIN[:1]:
            await self._behind_bookmarks(name, service, topic, budget_s)
        await self._outbox_is_empty(budget_s)
        self.assert_alive()

    async def _behind_bookmarks(
        self, name: str, service: str, topic: Topic, budget_s: float
    ) -> None:
        ends = await self.ends(topic)
        clock = asyncio.get_running_loop()
        deadline = clock.time() + budget_s
        while (reached := self.bookmarks(service, topic)) != ends:
            self.assert_alive()
            if clock.time() > deadline:
                raise AssertionError(
                    f"{name}: at {reached} of {ends} after {budget_s:g} s\n{self.tails(service)}"
                )
            await asyncio.sleep(0.1)

    async def _outbox_is_empty(self, budget_s: float) -> None:
        async with asyncio.timeout(budget_s):
            while self._rows("alerts", "select count(*) from outbox where lane = 'publication' "
                             "and state in ('pending', 'sending')") != [(0,)]:  # fmt: skip
                await asyncio.sleep(0.1)

    def bookmarks(self, service: str, topic: Topic) -> dict[int, int]:
        """Return the next offset of every partition that holds anything, as it is stored."""
        statement = (
            f"select partition, next_offset from stream_bookmarks where topic = '{topic.name}'"  # noqa: S608 - a topic of our own
        )
        return {n: offset for n, offset in self._rows(service, statement) if offset > 0}

    def _rows(self, service: str, statement: str) -> list[Any]:
        file = self.here.home / f"{service}.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(statement).fetchall()

    async def ends(self, topic: Topic) -> dict[int, int]:
        name = self.here.settings.topic_prefix + topic.name
        places = [TopicPartition(name, number) for number in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers)
        await consumer.start()
        try:
            found = await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return {place.partition: offset for place, offset in found.items() if offset > 0}

    async def digests(self) -> dict[str, Any]:
        """Return what `lantern state digest` prints."""
        return await digests(self.here)

    async def counts(self) -> dict[str, dict[str, int]]:
        """Return by feed what ingest and features did with its events; ticks have no feed."""
        found: dict[str, dict[str, int]] = {}
        for service, prefix in (("ingest", ""), ("features", "log_")):
            async with self.here.client(service) as client:
                answer = await client.get("/v1/counts")
            assert answer.status_code == 200, answer.text
            for feed, counts in answer.json()["feeds"].items():
                into = found.setdefault(feed, {})
                into |= {
                    f"{prefix}{name}" if name == "duplicate" else name: number
                    for name, number in counts.items()
                }
        return found

    async def published_alerts(self) -> set[bytes]:
        """Return the different records of the alert topic."""
        ends = await self.ends(ALERTS_EVENTS)
        name = self.here.settings.topic_prefix + ALERTS_EVENTS.name
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        try:
            places = [TopicPartition(name, number) for number in ends]
            consumer.assign(places)
            found: set[bytes] = set()
            for place in places:
                await consumer.seek_to_beginning(place)
            while any([await consumer.position(p) < ends[p.partition] for p in places]):
                batches = await consumer.getmany(timeout_ms=500)
                found |= {
                    record.value for batch in batches.values() for record in batch if record.value
                }
        finally:
            await consumer.stop()
        return found


def _serve(service: str, environment: dict[str, str], folder: str, log: str) -> None:
    """Be a service, as `python -m <service>.main` is."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [service]
    sys.exit(import_module(f"{service}.main").main())


@asynccontextmanager
async def installation(servers: str, home: Path) -> AsyncIterator[Installation]:
    """Start every service on the broker; end all of them afterwards."""
    home.mkdir(parents=True)
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    prefix = f"t{secrets.token_hex(5)}."
    urls: dict[str, Any] = {
        f"{name}_url": f"http://127.0.0.1:{port}" for name, port in ports.items()
    }
    settings = CliSettings(
        home=home,
        kafka_bootstrap_servers=servers,
        topic_prefix=prefix,
        partitions=PARTITIONS,
        **urls,
    )
    lantern = Installation(Context(settings), servers, ports)
    await create_topics(servers, partitions=PARTITIONS, prefix=prefix)
    try:
        await lantern.start()
        yield lantern
    finally:
        lantern.stop()
