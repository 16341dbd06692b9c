"""Every metric of scoring, named once."""

from collections import Counter as Counted
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.drift.groups import Group


class Counts(Protocol):
    """What a worker counts."""

    def assessed(self, status: str, level: str, count: int) -> None: ...

    def skipped(self, reason: str) -> None: ...

    def batch(self, seconds: float) -> None: ...


class ShadowCounts:
    """The counts of one shadow."""

    def __init__(self, bundle: str, assessed: Counter) -> None:
        self._bundle = bundle
        self._assessed = assessed

    def assessed(self, status: str, level: str, count: int) -> None:
        self._assessed.labels(self._bundle, status, level).inc(count)

    def skipped(self, reason: str) -> None:
        """Repeats and rubbish are the champion's to count."""

    def batch(self, seconds: float) -> None:
        """Nobody waits for a shadow."""


class ScoringMetrics:
    """Assessments by status and level, what was skipped and why, the model in service."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._assessed = Counter(
            "scoring_assessments",
            "Assessments published, by status and level.",
            ["status", "level"],
            registry=registry,
        )
        self._skipped = Counter(
            "scoring_vectors_skipped",
            "Vectors that were not assessed: repeat, malformed.",
            ["reason"],
            registry=registry,
        )
        self._reloads = Counter(
            "scoring_reloads", "Reloads of the bundle, by outcome.", ["outcome"], registry=registry
        )
        self._serving = Gauge(
            "scoring_model_in_service",
            "1 for the model that scores.",
            ["model"],
            registry=registry,
        )
        self._shadows = Counter(
            "scoring_shadow_assessments",
            "Assessments of shadows, which are not published, by bundle, status and level.",
            ["bundle", "status", "level"],
            registry=registry,
        )
        self._revision = Gauge(
            "scoring_revision",
            "How often it was changed what serves, by promotion, roll-back, suspension, its end.",
            registry=registry,
        )
        self._suspended = Gauge(
            "scoring_suspended",
            "1 while the champion abstains because its calibration broke.",
            registry=registry,
        )
        self._unmatched = Counter(
            "scoring_alerts_unmatched",
            "Alerts that opened on an assessment of which no prediction was saved in thirty days: "
            "no label comes of them. Those of silence while the model abstains are among them.",
            registry=registry,
        )
        self._lanes = Gauge("scoring_lanes", "Lanes by how they do.", ["status"], registry=registry)
        where = ["by", "group", "indicator"]
        self._psi = Gauge(
            "scoring_drift_psi",
            "Population stability index against the bundle's reference.",
            where,
            registry=registry,
        )
        self._ks = Gauge(
            "scoring_drift_ks",
            "Kolmogorov-Smirnov distance, at the reference's bins.",
            where,
            registry=registry,
        )
        self._missing = Gauge(
            "scoring_drift_missing_share",
            "Share of students without a value.",
            where,
            registry=registry,
        )
        self._batch = Histogram(
            "scoring_batch_seconds",
            "Time to assess one batch.",
            registry=registry,
            buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        )

    def assessed(self, status: str, level: str, count: int) -> None:
        self._assessed.labels(status, level).inc(count)

    def skipped(self, reason: str) -> None:
        self._skipped.labels(reason).inc()

    def reloaded(self, outcome: str, model: str | None) -> None:
        self._reloads.labels(outcome).inc()
        self._serving.clear()
        if model is not None:
            self._serving.labels(model).set(1)

    def drift(self, groups: Iterable[Group]) -> None:
        """Put the figures of the last measurement; what is no longer judged is gone."""
        for gauge in (self._psi, self._ks, self._missing):
            gauge.clear()
        for group in groups:
            for indicator, one in group.indicators.items():
                for gauge, value in (
                    (self._psi, one.psi),
                    (self._ks, one.ks),
                    (self._missing, one.missing_share),
                ):
                    if value is not None:
                        gauge.labels(group.by, group.name, indicator).set(value)

    def shadow(self, bundle: str) -> ShadowCounts:
        return ShadowCounts(bundle, self._shadows)

    def standing(self, revision: int, *, is_suspended: bool) -> None:
        self._revision.set(revision)
        self._suspended.set(float(is_suspended))

    def unmatched(self, count: int) -> None:
        self._unmatched.inc(count)

    def lanes(self, statuses: Iterable[str]) -> None:
        found = Counted(statuses)
        for status in ("working", "refused", "failed"):
            self._lanes.labels(status).set(found[status])

    def batch(self, seconds: float) -> None:
        self._batch.observe(seconds)
