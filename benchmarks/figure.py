"""What a benchmark returns: one figure with its target, and what it was measured on."""

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_LIBRARIES = ("aiokafka", "msgspec", "numpy", "onnxruntime", "fastapi", "uvicorn", "sqlalchemy")


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    `ratio` is value / target where more is better and target / value where less is, so that 1 or
    more always means met. `detail` holds what the figure was computed from. A run that does not
    show what it should has no value but `invalid`, the reason.
    """

    id: str
    what: str
    value: float | None
    unit: str
    target: float
    ratio: float | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    invalid: str = ""

    @property
    def is_met(self) -> bool:
        return self.ratio is not None and self.ratio >= 1.0


def at_least(
    id_: str, what: str, value: float, *, target: float, unit: str, **detail: Any
) -> Figure:
    """Return a figure for which more is better."""
    return Figure(id_, what, value, unit, target, value / target, detail)


def at_most(
    id_: str, what: str, value: float, *, target: float, unit: str, **detail: Any
) -> Figure:
    """Return a figure for which less is better."""
    return Figure(id_, what, value, unit, target, target / value if value else 1e9, detail)


def no_value(id_: str, what: str, why: str, *, target: float, unit: str, **detail: Any) -> Figure:
    """Return a figure that could not be measured validly, and why."""
    return Figure(id_, what, None, unit, target, None, detail, why)


@dataclass(frozen=True)
class Taken:
    """When a figure was taken, and how busy the machine was before and after it."""

    at: datetime
    load_before: float
    load_after: float


def load_average() -> float:
    """Return the load of the last minute."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict[str, Any]:
    """Return hardware and versions; no host name, no path."""
    memory = psutil.virtual_memory().total / 1024**3
    libraries = {name: version(name) for name in _LIBRARIES}
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "kafka": "4.3.1",
        **libraries,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def save(figure: Figure, taken: Taken, file: Path) -> None:
    """Merge one figure into the results file; others measured before stay as they were."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"figures": {}}
    known["figures"][figure.id] = {
        **asdict(figure),
        "met": figure.is_met,
        "at": taken.at.isoformat(timespec="seconds"),
        "load_average": [taken.load_before, taken.load_after],
    }
    known["figures"] = dict(sorted(known["figures"].items(), key=lambda one: int(one[0][1:])))
    known["machine"] = machine()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n")
