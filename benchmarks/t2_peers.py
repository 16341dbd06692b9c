"""T2: the job of `peers/` in Lantern and in Python stream processors, a processor second."""

import json
import subprocess
import venv
from pathlib import Path
from typing import Any

from benchmarks.catching_up import catch_up
from benchmarks.figure import Figure, at_least
from benchmarks.stand import ROOT, Say, Stand, campus, stand
from shared.contracts.topics import CAMPUS_EVENTS

STUDENTS, DAYS = 2_000, 10
_PEERS: dict[str, tuple[tuple[str, ...], int]] = {
    "quix": (("quixstreams",), 60_000),
    "faust": (("faust-streaming",), 5_000),
    "bytewax": (("bytewax", "confluent-kafka"), 100_000),
    "pathway": (("pathway",), 100_000),
}
_TIMEOUT_S = 60


def measure(say: Say) -> Figure:
    """Give each peer the same topic; one that does not install or end is reported as absent."""
    with stand() as here:
        events = here.fill(campus(STUDENTS, days=DAYS), ticks=False)
        lantern = catch_up(here, events)
        say(f"lantern: {lantern.per_cpu_s:,.0f} events a processor second")
        found, absent = {}, {}
        for name in _PEERS:
            try:
                found[name] = _peer(here, name)
                say(f"{name}: {found[name]:,.0f} events a processor second")
            except (subprocess.SubprocessError, OSError, ValueError) as error:
                absent[name] = type(error).__name__
                say(f"{name}: absent, {type(error).__name__}")
    if not found:
        raise RuntimeError("no peer could be installed; the figure is a ratio and needs one")
    fastest = max(found, key=lambda name: found[name])
    return at_least(
        "T2",
        f"features / fastest Python peer ({fastest}), events a processor second",
        lantern.per_cpu_s / found[fastest],
        target=5,
        unit="x",
        lantern_per_cpu_s=round(lantern.per_cpu_s),
        peers_per_cpu_s={name: round(value) for name, value in found.items()},
        peers_absent=absent,
        jvm_engines="not run here",
        events=events,
    )


def _peer(here: Stand, name: str) -> float:
    packages, count = _PEERS[name]
    script = Path(__file__).parent / "peers" / f"{name}_peer.py"
    command = [str(_python(name, packages)), str(script), here.servers, CAMPUS_EVENTS.name]
    done = subprocess.run(
        [*command, str(count)], capture_output=True, text=True, check=True,
        timeout=_TIMEOUT_S, cwd=here.home,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return float(result["events"] / result["cpu_s"])


def _python(name: str, packages: tuple[str, ...]) -> Path:
    """Return the interpreter of a peer's own environment, made on first use."""
    folder = ROOT / ".peers" / name
    python = folder / "bin" / "python"
    done = folder / ".installed"
    if not done.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
        done.touch()
    return python
