"""T8: the model in batches without contributions, and one vector with them."""

import time
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.figure import Figure, at_least
from benchmarks.stand import Say
from scoring import config, runtime
from scoring.domain.inputs import Inputs
from scoring.service.assessing import ScoringService
from shared.bundle.keys import read_trusted
from shared.contracts.features import FeatureVector
from shared.features.catalogue import CATALOGUE, catalogue_hash

_BATCH, _BATCHES, _SINGLES = 4096, 200, 2000


def measure(say: Say) -> Figure:
    """Run the shipped bundle: `Model.run` in batches, `ScoringService.assess` one by one."""
    shipped = Path(config.__file__).parent / "bundles"
    features = [one.id for one in CATALOGUE]
    load = partial(
        runtime.load, shipped / "starter", read_trusted(shipped / "trusted_keys.json"),
        catalogue=catalogue_hash(), features=features,
    )  # fmt: skip
    service = ScoringService(load)
    service.reload()
    rate = _batches(service, len(features))
    say(f"{rate:,.0f} vectors a processor second")
    p50, p99 = _singles(service, len(features))
    say(f"one vector: p50 {p50:.3f} ms, p99 {p99:.3f} ms")
    assess = _assess_rate(service, len(features))
    return at_least(
        "T8",
        "scoring in batches, contributions off, vectors a processor second",
        rate,
        target=500_000,
        unit="/s",
        batch=_BATCH,
        single_p50_ms=round(p50, 3),
        single_p99_ms=round(p99, 3),
        single_target_ms=1.0,
        assessments_with_contributions_per_cpu_s=round(assess),
    )


def _batches(service: ScoringService, width: int) -> float:
    model, rng = service.require_model(), np.random.default_rng(1)
    values = rng.random((_BATCH, width), np.float32)
    inputs = Inputs(values, values, np.ones_like(values))
    model.run(inputs, explain=False)
    began = time.process_time()
    for _ in range(_BATCHES):
        model.run(inputs, explain=False)
    return _BATCH * _BATCHES / (time.process_time() - began)


def _vectors(count: int, width: int) -> list[FeatureVector]:
    rng = np.random.default_rng(2)
    return [
        FeatureVector(
            id=f"vector:{n}", student=f"p1:{n:032x}", position=n, as_of="2026-11-22T12:00:00Z",
            event_time=None, window_start="2026-08-01", catalogue=catalogue_hash(),
            values=rng.random(width).round(4).tolist(), coverage=[1.0] * width,
            usual=rng.random(width).round(4).tolist(), college="c1",
        )
        for n in range(count)
    ]  # fmt: skip


def _singles(service: ScoringService, width: int) -> tuple[float, float]:
    times = []
    for vector in _vectors(_SINGLES, width):
        began = time.perf_counter()
        service.assess([vector])
        times.append((time.perf_counter() - began) * 1000)
    p50, p99 = np.percentile(times[100:], [50, 99]).tolist()
    return p50, p99


def _assess_rate(service: ScoringService, width: int) -> float:
    vectors = _vectors(_BATCH, width)
    began = time.process_time()
    service.assess(vectors)
    return _BATCH / (time.process_time() - began)
