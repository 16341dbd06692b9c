"""Each service in its own process, watched: a service that dies is started again, with a pause.

Children form sessions of their own, so that Ctrl-C reaches this process alone and the order of
stopping is ours; should this process be killed, the kernel stops them.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli import run_files
from shared.kernel.errors import ConfigError

_PR_SET_PDEATHSIG = 1
_BAD_CONFIGURATION = 2
STOP_BUDGET_S = 20.0
_PAUSES_S = (0.2, 1.0, 5.0, 15.0)


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    port: int
    deaths: int = 0
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Starts, watches and stops the processes of one installation."""

    home: Path
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    notice: Callable[[str], None]
    _children: dict[str, _Child] = field(default_factory=dict)

    def start(self) -> None:
        """Start every service; its output goes to `<home>/log/<service>.log`."""
        for service in self.ports:
            self._children[service] = _Child(self._spawn(service), self.ports[service])

    def watch(self) -> None:
        """Look once at each child; restart what died.

        Raises:
            ConfigError: a service refused its configuration, so that starting again cannot help.
        """
        for service, child in self._children.items():
            code = child.process.poll()
            if code is None:
                continue
            if code == _BAD_CONFIGURATION:
                raise ConfigError(service, f"refused to start: {self._last_line(service)}")
            self._revive(service, child, code)

    def _revive(self, service: str, child: _Child, code: int) -> None:
        now = time.monotonic()
        if child.start_again_at is None:
            pause = _PAUSES_S[min(child.deaths, len(_PAUSES_S) - 1)]
            child.start_again_at = now + pause
            self.notice(f"{service} ended with {code}; starting it again in {pause:g} s")
        elif now >= child.start_again_at:
            child.process = self._spawn(service)
            child.deaths += 1
            child.start_again_at = None

    def stop(self) -> None:
        """Ask all to stop, wait within one budget, then end those that did not."""
        alive = [c.process for c in self._children.values() if c.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_BUDGET_S
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for service in self._children:
            run_files.remove(self.home, service)

    def _spawn(self, service: str) -> subprocess.Popen[bytes]:
        folder = self.home / "log"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{service}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", f"{service}.main"],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs before the fork
            )
        run_files.write(self.home, service, process.pid, self.ports[service])
        return process

    def _last_line(self, service: str) -> str:
        lines = (self.home / "log" / f"{service}.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it wrote nothing"


def _die_with_parent() -> None:
    """Ask Linux to stop this child when its parent dies; elsewhere there is no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
