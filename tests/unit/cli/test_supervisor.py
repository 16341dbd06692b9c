"""The supervisor: a child that dies is started again, and stopping leaves no process."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cli import run_files
from cli.supervisor import Supervisor
from shared.kernel.errors import ConfigError

SLEEPER = "import time\ntime.sleep(600)\n"
REFUSER = "import sys\nprint('lantern: cannot start: LANTERN_X: is not set')\nsys.exit(2)\n"


def a_supervisor(folder: Path, body: str) -> Supervisor:
    """Return a supervisor of one made-up service whose `main` is `body`."""
    package = folder / "code" / "sleeper"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "main.py").write_text(body)
    environment = {"PYTHONPATH": str(folder / "code")}
    return Supervisor(folder / "home", environment, {"sleeper": 1}, notice=lambda _text: None)


def wait_for(met: Callable[[], object], budget_s: float = 10.0) -> None:
    """Return once a condition holds; fail when it does not within the budget."""
    deadline = time.monotonic() + budget_s
    while not met():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    """After kill -9 another process serves, and its run file says so."""
    supervisor = a_supervisor(tmp_path, SLEEPER)
    supervisor.start()
    try:
        first = run_files.read(tmp_path / "home")["sleeper"]
        os.kill(first.pid, signal.SIGKILL)

        def is_back() -> bool:
            supervisor.watch()
            return run_files.read(tmp_path / "home")["sleeper"].pid != first.pid

        wait_for(is_back)
        assert run_files.read(tmp_path / "home")["sleeper"].is_alive()
        assert not first.is_alive()
    finally:
        supervisor.stop()


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    """After stop the child is gone and nothing claims to run."""
    supervisor = a_supervisor(tmp_path, SLEEPER)
    supervisor.start()
    pid = run_files.read(tmp_path / "home")["sleeper"].pid
    supervisor.stop()
    assert not psutil.pid_exists(pid)
    assert run_files.read(tmp_path / "home") == {}


def test_a_refused_configuration_is_not_retried(tmp_path: Path) -> None:
    """Exit code 2 ends the start with the service's own words."""
    supervisor = a_supervisor(tmp_path, REFUSER)
    supervisor.start()
    with pytest.raises(ConfigError, match="LANTERN_X: is not set"):
        wait_for(supervisor.watch)
    supervisor.stop()


def test_a_process_id_given_out_again_is_not_ours(tmp_path: Path) -> None:
    """A run file counts only for the process that was started, not for its number."""
    run_files.write(tmp_path, "ingest", os.getpid(), 8101)
    entry = run_files.read(tmp_path)["ingest"]
    assert entry.is_alive()
    assert not run_files.Running("ingest", os.getpid(), 8101, entry.created - 100).is_alive()
