"""The feature service reading a filled topic from its start: its processor and wall time."""

import time
from dataclasses import dataclass

from benchmarks.stand import Stand

_HANDLED = "lantern_stream_records_total"
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True)
class CatchUp:
    """What it took to handle so many records, from the assignment of partitions on."""

    records: int
    cpu_s: float
    wall_s: float
    saves: int
    vectors: int

    @property
    def per_cpu_s(self) -> float:
        return self.records / self.cpu_s

    @property
    def per_wall_s(self) -> float:
        return self.records / self.wall_s


def catch_up(here: Stand, records: int, *, timeout_s: float = 120.0, **settings: str) -> CatchUp:
    """Start features, wait until it has handled `records` (ticks included), and stop it."""
    with here.service("features", **settings) as features:
        features.wait_logged("stream.assigned")
        began, cpu = time.monotonic(), features.cpu_s()

        def is_done() -> bool:
            time.sleep(_LOOK_EVERY_S)
            return features.metric(_HANDLED) >= records

        features.wait_for(is_done, f"{records} records", timeout_s)
        return CatchUp(
            records,
            features.cpu_s() - cpu,
            time.monotonic() - began,
            int(features.metric("lantern_stream_saves_total")),
            int(features.metric("lantern_stream_published_total")),
        )
