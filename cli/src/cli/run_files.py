"""Which process serves what: one small file a service under `<home>/run`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Running:
    """One started service; `created` guards against a process id that was given out again."""

    service: str
    pid: int
    port: int
    created: float

    def is_alive(self) -> bool:
        """Return whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
        except psutil.NoSuchProcess:
            return False
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and abs(process.create_time() - self.created) < 1.0
        )

    def serves(self, port: int) -> bool:
        """Return whether this very process is the one that listens on a port."""
        if not self.is_alive():
            return False
        try:
            sockets = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:  # gone by now, or a system that does not tell: its own word counts
            return self.is_alive() and port == self.port
        return any(s.laddr.port == port for s in sockets if s.status == psutil.CONN_LISTEN)


def write(home: Path, service: str, pid: int, port: int) -> None:
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    entry = Running(service, pid, port, psutil.Process(pid).create_time())
    (folder / f"{service}.json").write_text(json.dumps(asdict(entry)))


def remove(home: Path, service: str) -> None:
    (home / "run" / f"{service}.json").unlink(missing_ok=True)


def read(home: Path) -> dict[str, Running]:
    """Return what was started here, dead or alive."""
    files = sorted((home / "run").glob("*.json"))
    entries = (Running(**json.loads(file.read_text())) for file in files)
    return {entry.service: entry for entry in entries}
