"""Apache Kafka on this machine: fetch the official artifacts, format, start, wait, stop.

Everything lives under `<home>/kafka`: `libs` (jars, fetched once by Maven), `data`, `logs`, `pid`
and `server.properties`. A process that this did not start is never signalled.
"""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from cli.java import fetch_jars, find_java, java_version
from shared.kernel.errors import ConfigError, UnavailableError
from shared.stream.kafka import wait_until_serving

DEPLOY = Path(__file__).parents[3] / "deploy" / "kafka"
MAIN_CLASS = "kafka.Kafka"
_EXEC_LOOKS = 50
_CLUSTER_ID_FILE = "meta.properties"
Say = Callable[[str], None]


@dataclass(frozen=True)
class BrokerStatus:
    """What is known of the local broker."""

    running: bool
    pid: int | None
    bootstrap_servers: str
    data: Path
    log: Path


class KafkaBroker:
    """A single-node KRaft broker on loopback, with its files under `<home>/kafka`."""

    def __init__(
        self,
        home: Path,
        *,
        port: int = 9092,
        controller_port: int = 9093,
        libs: Path | None = None,
        heap_mb: int = 512,
    ) -> None:
        self.folder = (home / "kafka").resolve()
        self.libs = (libs or self.folder / "libs").resolve()
        self.port = port
        self.controller_port = controller_port
        self.heap_mb = heap_mb

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def status(self) -> BrokerStatus:
        """Say whether our broker runs; a foreign process under our pid does not count."""
        process = self._process()
        return BrokerStatus(
            running=process is not None,
            pid=process.pid if process else None,
            bootstrap_servers=self.bootstrap_servers,
            data=self.folder / "data",
            log=self.folder / "logs" / "server.log",
        )

    def up(self, timeout_s: float = 60.0, say: Say = lambda _line: None) -> BrokerStatus:
        """Start the broker unless it runs, and return once it answers.

        Raises:
            ConfigError: Java, Maven or a port is missing, or the broker does not come up.
        """
        if self._process() is None:
            java = find_java()
            say(f"Java: {java_version(java)}")
            fetch_jars(self.libs, DEPLOY / "pom.xml", say)
            self._refuse_taken_ports()
            self._write_properties()
            self._format(java)
            say("starting Apache Kafka")
            self._start(java)
        self._wait(timeout_s)
        return self.status()

    def down(self, budget_s: float = 20.0) -> bool:
        """Stop our broker, by force once the budget is spent; return whether it ran."""
        process = self._process()
        if process is not None:
            process.terminate()
            if not _ended(process, budget_s):
                process.kill()
                _ended(process, 5)
        (self.folder / "pid").unlink(missing_ok=True)
        return process is not None

    def _process(self) -> psutil.Process | None:
        """Return the running broker, if the pid file names a process that is ours."""
        try:
            process = psutil.Process(int((self.folder / "pid").read_text()))
            command = _command_line(process)
        except (OSError, ValueError, psutil.Error):  # a zombie has no command line
            return None
        is_ours = MAIN_CLASS in command and str(self._properties) in command
        return process if is_ours else None

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _refuse_taken_ports(self) -> None:
        for port in (self.port, self.controller_port):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise ConfigError(
                        "kafka",
                        f"port {port} is taken; stop what holds it, or set LANTERN_PORT_OFFSET=100 "
                        "to move all ports, or LANTERN_KAFKA_BOOTSTRAP_SERVERS to use that broker",
                    ) from None

    def _write_properties(self) -> None:
        for name in ("data", "logs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        text = (DEPLOY / "server.properties").read_text()
        for name, value in (
            ("@PORT@", str(self.port)),
            ("@CONTROLLER_PORT@", str(self.controller_port)),
            ("@DATA@", str(self.folder / "data")),
        ):
            text = text.replace(name, value)
        self._properties.write_text(text)

    def _format(self, java: Path) -> None:
        if (self.folder / "data" / _CLUSTER_ID_FILE).exists():
            return
        cluster = self._tool(java, "random-uuid")
        self._tool(java, "format", "--standalone", "-t", cluster, "-c", str(self._properties))

    def _tool(self, java: Path, *arguments: str) -> str:
        command = [*self._java(java), "kafka.tools.StorageTool", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
        if done.returncode != 0:
            raise ConfigError("kafka", f"{arguments[0]} failed: {done.stderr.strip()[-500:]}")
        return done.stdout.strip().splitlines()[-1]

    def _java(self, java: Path) -> list[str]:
        return [
            str(java),
            f"-Dlog4j2.configurationFile={DEPLOY / 'log4j2.properties'}",
            f"-Dlantern.kafka.logs={self.folder / 'logs'}",
            "-cp",
            f"{self.libs}{os.sep}*",
        ]

    def _start(self, java: Path) -> None:
        """Start detached, in its own session, so that Ctrl-C in a terminal does not reach it."""
        head, *rest = self._java(java)
        heap = [f"-Xms{self.heap_mb // 4}m", f"-Xmx{self.heap_mb}m", "-XX:+UseSerialGC"]
        command = [head, *heap, *rest, MAIN_CLASS, str(self._properties)]
        out = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        pid = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.folder / "logs" / "out.log"), out, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        (self.folder / "pid").write_text(str(pid))

    def _wait(self, timeout_s: float) -> None:
        waiting = wait_until_serving(
            self.bootstrap_servers, timeout_s, is_alive=lambda: self._process() is not None
        )
        try:
            # in a thread, since the caller may have a running event loop of its own
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, waiting).result()
        except UnavailableError as error:
            raise ConfigError("kafka", f"{error}; see {self.folder / 'logs'}") from error


def _command_line(process: psutil.Process) -> list[str]:
    """Return the command line; while a process replaces its image it has none for a moment."""
    for _ in range(_EXEC_LOOKS):
        command = process.cmdline()
        if command or process.status() == psutil.STATUS_ZOMBIE:
            return command
        time.sleep(0.02)
    return []


def _ended(process: psutil.Process, budget_s: float) -> bool:
    """Wait until a process is gone, or a zombie whose parent has not asked for it yet."""
    deadline = time.monotonic() + budget_s
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                process.wait(0.1)
        except psutil.NoSuchProcess:
            return True
        except psutil.TimeoutExpired:
            return True
        if not process.is_running():
            return True
        time.sleep(0.05)
    return False


def free_ports(count: int) -> list[int]:
    """Return ports on loopback that nobody holds right now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
