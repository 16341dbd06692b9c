"""One Apache Kafka for a whole test run, shared by the xdist workers through a lock file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.kafka_broker import KafkaBroker, free_ports
from shared.kernel.errors import ConfigError


@contextmanager
def shared_broker(root: Path, libs: Path) -> Iterator[str]:
    """Yield bootstrap servers; the first user starts the broker, the last one stops it."""
    given = os.environ.get("LANTERN_TEST_KAFKA")
    if given:
        yield given
        return
    user = root / f"kafka-user-{os.getpid()}"
    with _locked(root / "kafka.lock"):
        bootstrap = _join(root, libs)
        user.touch()
    try:
        yield bootstrap
    finally:
        with _locked(root / "kafka.lock"):
            user.unlink()
            if not list(root.glob("kafka-user-*")):
                _broker(root, libs).down(budget_s=20)


def _join(root: Path, libs: Path) -> str:
    if not (root / "kafka-ports").exists():
        port, controller = free_ports(2)
        (root / "kafka-ports").write_text(f"{port} {controller}")
    broker = _broker(root, libs)
    try:
        broker.up(timeout_s=120)
    except ConfigError as error:
        pytest.skip(f"no Apache Kafka: {error}; or set LANTERN_TEST_KAFKA")
    return broker.bootstrap_servers


def _broker(root: Path, libs: Path) -> KafkaBroker:
    port, controller = map(int, (root / "kafka-ports").read_text().split())
    return KafkaBroker(root / "lantern-home", port=port, controller_port=controller, libs=libs)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
