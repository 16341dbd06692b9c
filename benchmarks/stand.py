"""What figures are measured on: a home of their own, a real broker, services as processes.

    with stand() as here:
        here.fill(campus(2_000, days=20))
        with here.service("features") as features:
            features.wait_ready()

Ports are free ones, files are temporary, and everything that was started is ended.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from cli.context import SERVICES, CliSettings, Context
from cli.kafka_broker import KafkaBroker, free_ports
from shared.crypto.pseudonym import Pseudonymiser
from shared.stream.kafka import KafkaSink, create_topics
from shared.stream.ports import Outgoing, Sink
from simulator.config import CampusConfig
from simulator.over_kafka import KafkaStreamer
from simulator.simulation import simulate

ROOT = Path(__file__).parents[1]
Say = Callable[[str], None]
T = TypeVar("T")
_READY_TIMEOUT_S = 150.0
_STOP_TIMEOUT_S = 25.0


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def campus(students: int, *, days: int, **more: Any) -> CampusConfig:
    """Return a synthetic campus without outages that ends at a fixed moment."""
    end = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    wanted = {"history": False, "outage_rate": 0.0, "flows": False, **more}
    return CampusConfig(students=students, days=days, end=end, **wanted)


@dataclass
class Process:
    """One service or script, with its processor time and its log."""

    name: str
    handle: psutil.Popen
    log: Path
    url: str

    def cpu_s(self) -> float:
        """Return processor seconds of the process with all its children."""
        total = 0.0
        for each in (self.handle, *self.handle.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                total += times.user + times.system
        return total

    def rss(self) -> int:
        return int(self.handle.memory_info().rss)

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_s: float) -> None:
        """Wait for something; a process that ended or took too long is an error with its log."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if self.handle.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name}: no {what} in {timeout_s:g} s\n{tail}")
            time.sleep(0.02)

    def wait_logged(self, text: str, timeout_s: float = _READY_TIMEOUT_S) -> None:
        wanted = text.encode()
        self.wait_for(lambda: wanted in self.log.read_bytes(), text, timeout_s)

    def wait_ready(self, timeout_s: float = _READY_TIMEOUT_S) -> None:
        self.wait_for(lambda: self.get("/readyz") is not None, "readiness", timeout_s)

    def get(self, path: str) -> str | None:
        """Return a page, None unless the service answers 200."""
        with suppress(URLError, OSError), urlopen(self.url + path, timeout=5) as answer:  # noqa: S310 - http
            return str(answer.read().decode())
        return None

    def metric(self, name: str) -> float:
        """Return the sum of a metric's samples, 0 where there are none."""
        lines = (self.get("/metrics") or "").splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith((f"{name}{{", f"{name} "))
        )

    def kill(self) -> None:
        """End at once, as a crash does."""
        with suppress(psutil.NoSuchProcess):
            self.handle.send_signal(signal.SIGKILL)
        self.handle.wait(_STOP_TIMEOUT_S)

    def stop(self) -> None:
        if self.handle.poll() is not None:
            return
        self.handle.send_signal(signal.SIGTERM)
        try:
            self.handle.wait(_STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            self.kill()


@dataclass
class _Counting:
    """Passes records on, without ticks where they are not wanted, and counts them."""

    sink: Sink
    ticks: bool
    records: int = 0

    async def start(self) -> None:
        await self.sink.start()

    async def stop(self) -> None:
        await self.sink.stop()

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        wanted = outgoing if self.ticks else [one for one in outgoing if one.partition is None]
        if wanted:
            self.records += len(wanted)
            await self.sink.publish(wanted)


@dataclass
class Stand:
    """A broker and a home folder; see the module's text."""

    here: Context
    partitions: int
    broker: psutil.Process
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.here.home

    @property
    def servers(self) -> str:
        return self.here.bootstrap_servers

    def broker_cpu_s(self) -> float:
        times = self.broker.cpu_times()
        return float(times.user + times.system)

    def sink(self) -> KafkaSink:
        return KafkaSink(self.servers, client_id="lantern-bench")

    def pseudonymiser(self) -> Pseudonymiser:
        key = self.here.credentials.keys["LANTERN_PSEUDONYM_KEY"]
        return Pseudonymiser("p1", bytes.fromhex(key))

    def fill(self, config: CampusConfig, *, ticks: bool = True) -> int:
        """Publish a campus to `campus.events.v1` as ingest would; return the records."""
        return run(self._fill(config, ticks=ticks))

    async def _fill(self, config: CampusConfig, *, ticks: bool) -> int:
        sink = self.sink()
        await sink.start()
        try:
            counting = _Counting(sink, ticks=ticks)
            streamer = KafkaStreamer(counting, self.pseudonymiser(), partitions=self.partitions)
            await streamer.replay(simulate(config))
            return counting.records
        finally:
            await sink.stop()

    @contextmanager
    def service(self, name: str, **settings: str) -> Iterator[Process]:
        """Run a service; `settings` are its variables without the prefix, such as `flush`."""
        own = {f"LANTERN_{name.upper()}_{key.upper()}": value for key, value in settings.items()}
        process = self.start(name, [sys.executable, "-m", f"{name}.main"], own)
        try:
            yield process
        finally:
            process.stop()

    def start(self, name: str, command: list[str], extra: Mapping[str, str]) -> Process:
        log = self.home / f"{name}-{time.monotonic_ns()}.log"
        environment = {**os.environ, **self.here.environment(), **self.extra, **extra}
        environment["LANTERN_PARTITIONS"] = str(self.partitions)
        with log.open("wb") as out:
            handle = psutil.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                cwd=self.home,
            )  # fmt: skip
        url = self.here.url(name) if name in SERVICES else ""
        return Process(name, handle, log, url)


@contextmanager
def stand(*, partitions: int = 12) -> Iterator[Stand]:
    """Start a broker with the topics; stop it and remove every file at the end."""
    with tempfile.TemporaryDirectory(prefix="lantern-bench-") as folder:
        home = Path(folder)
        broker_port, controller_port, *ports = free_ports(2 + len(SERVICES))
        broker = KafkaBroker(home, port=broker_port, controller_port=controller_port, libs=_libs())
        urls: dict[str, Any] = {
            f"{name}_url": f"http://127.0.0.1:{port}"
            for name, port in zip(SERVICES, ports, strict=True)
        }
        settings = CliSettings(
            home=home,
            kafka_bootstrap_servers=broker.bootstrap_servers,
            partitions=partitions,
            **urls,
        )
        extra = {
            f"LANTERN_{name.upper()}_PORT": str(port)
            for name, port in zip(SERVICES, ports, strict=True)
        }
        started = broker.up().pid
        try:
            run(create_topics(broker.bootstrap_servers, partitions=partitions))
            yield Stand(Context(settings), partitions, psutil.Process(started), extra)
        finally:
            broker.down()


def _libs() -> Path:
    """Return the broker's jars: of the home in the environment, else of this checkout."""
    home = Path(os.environ.get("LANTERN_HOME", ROOT / ".lantern"))
    return home / "kafka" / "libs"


__all__ = ["Process", "Say", "Stand", "campus", "run", "stand"]
