"""T2: the job of `peers/` in Lantern and in Python stream processors, a processor second."""

import json
import subprocess
import venv
from pathlib import Path
from typing import Any

from benchmarks.catching_up import catch_up
from benchmarks.figure import Figure, at_least, no_value
from benchmarks.stand import ROOT, Say, Stand, campus, stand
from shared.contracts.topics import CAMPUS_EVENTS

STUDENTS, DAYS = 2_500, 30
_PEERS: dict[str, tuple[tuple[str, ...], int]] = {
    "quix": (("quixstreams",), 60_000),
    "faust": (("faust-streaming", "cramjam", "orjson"), 10_000),  # cramjam: the log is lz4
    "bytewax": (("bytewax", "confluent-kafka", "orjson"), 150_000),
    "pathway": (("pathway",), 150_000),
}
_TIMEOUT_S = 120
_LAST_LINES = 6
_TARGET = 5
_WHAT = "features / fastest Python peer"


def measure(say: Say) -> Figure:
    """Give each peer the same topic; one that does not install or end is reported as absent."""
    with stand() as here:
        events = here.fill(campus(STUDENTS, days=DAYS), ticks=False)
        lantern = catch_up(here, events)
        every = max(1, round(events / max(1, lantern.vectors)))
        say(f"lantern: {lantern.per_cpu_s:,.0f} events a processor second, a vector in {every}")
        found, absent = _peers(here, say, every)
        fastest = max(found, key=lambda name: found[name], default=None)
        if fastest is None:
            return no_value(
                "T2", _WHAT, "no peer ran to its end", target=_TARGET, unit="x", absent=absent
            )
        each = _peer(here, fastest, 1)
        say(f"{fastest}, a vector for each event: {each:,.0f} events a processor second")
    return at_least(
        "T2",
        f"{_WHAT} ({fastest}), events a processor second",
        lantern.per_cpu_s / found[fastest],
        target=_TARGET,
        unit="x",
        lantern_per_cpu_s=round(lantern.per_cpu_s),
        lantern_checkpoints=lantern.saves,
        peers_per_cpu_s={name: round(value) for name, value in found.items()},
        peers_events={name: count for name, (_, count) in _PEERS.items()},
        peers_absent=absent,
        events_to_a_vector=every,
        fastest_with_a_vector_for_each_event_per_cpu_s=round(each),
        jvm_engines="not run here",
        events=events,
    )


def _peers(here: Stand, say: Say, every: int) -> tuple[dict[str, float], dict[str, str]]:
    found, absent = {}, {}
    for name in _PEERS:
        try:
            found[name] = _peer(here, name, every)
            say(f"{name}: {found[name]:,.0f} events a processor second")
        except (subprocess.SubprocessError, OSError, ValueError, LookupError) as error:
            absent[name] = type(error).__name__
            say(f"{name}: absent, {type(error).__name__}: {_last_words(error)}")
    return found, absent


def _last_words(error: Exception) -> str:
    """Return what a script said before it failed."""
    said = getattr(error, "stderr", None) or getattr(error, "stdout", None) or b""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return "\n".join(text.strip().splitlines()[-_LAST_LINES:])


def _peer(here: Stand, name: str, every: int) -> float:
    packages, count = _PEERS[name]
    script = Path(__file__).parent / "peers" / f"{name}_peer.py"
    command = [str(_python(name, packages)), str(script), here.servers, CAMPUS_EVENTS.name]
    done = subprocess.run(
        [*command, str(count), str(every)], capture_output=True, text=True, check=True,
        timeout=_TIMEOUT_S, cwd=here.home,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return float(result["events"] / result["cpu_s"])


def _python(name: str, packages: tuple[str, ...]) -> Path:
    """Return the interpreter of a peer's own environment, made on first use."""
    folder = ROOT / ".peers" / name
    python = folder / "bin" / "python"
    done = folder / ".installed"
    wanted = " ".join(packages)
    if not done.exists() or done.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
        done.write_text(wanted)
    return python
