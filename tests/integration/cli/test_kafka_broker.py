"""The local broker's life, as `lantern kafka` drives it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cli.java import find_java, java_version
from cli.kafka_broker import KafkaBroker, free_ports
from shared.kernel.errors import ConfigError

LIBS = Path(__file__).parents[3] / ".lantern" / "kafka" / "libs"


@pytest.fixture
def broker(tmp_path: Path, kafka: str) -> KafkaBroker:  # the session's broker has fetched the jars
    if "LANTERN_TEST_KAFKA" in os.environ:
        pytest.skip("tests of the local broker need one of their own")
    port, controller = free_ports(2)
    return KafkaBroker(tmp_path, port=port, controller_port=controller, libs=LIBS)


@pytest.mark.kafka
def test_up_twice_and_down_twice(broker: KafkaBroker) -> None:
    """Starting a running broker keeps it; stopping it leaves no process; both may be repeated."""
    try:
        first = broker.up()
        assert first.running
        assert broker.up().pid == first.pid
        assert broker.down()
        assert first.pid is not None
        assert not psutil.pid_exists(first.pid)
        assert not broker.down()
    finally:
        broker.down()


@pytest.mark.kafka
def test_a_taken_port_is_named(broker: KafkaBroker, kafka: str) -> None:
    """When something else holds the port, nothing is started and the message says what to do."""
    taken = int(kafka.rpartition(":")[2])
    other = KafkaBroker(broker.folder.parent, port=taken, libs=LIBS)
    with pytest.raises(ConfigError, match=f"port {taken} is taken"):
        other.up()


def test_a_foreign_process_is_never_signalled(tmp_path: Path) -> None:
    """A pid file that names somebody else's process counts as no broker."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        folder = tmp_path / "kafka"
        folder.mkdir()
        (folder / "pid").write_text(str(child.pid))
        broker = KafkaBroker(tmp_path)
        assert not broker.status().running
        assert not broker.down(budget_s=1)
        time.sleep(0.1)
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_java_is_found() -> None:
    """A Java of 17 or later is found on this machine."""
    assert java_version(find_java()) >= 17


def test_without_maven_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where Maven is missing and may not be installed, the error names both ways out."""
    from cli.java import find_maven  # noqa: PLC0415 - beside its patch

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="LANTERN_KAFKA_BOOTSTRAP_SERVERS"):
        find_maven(lambda _line: None)
