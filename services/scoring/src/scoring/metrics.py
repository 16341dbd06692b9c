"""Every metric of scoring, named once."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
        self._batch = Histogram(
            "scoring_batch_seconds",
            "Time to assess one batch.",
            registry=registry,
            buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        )

    def assessed(self, status: str, level: str) -> None:
        self._assessed.labels(status, level).inc()

    def skipped(self, reason: str) -> None:
        self._skipped.labels(reason).inc()

    def reloaded(self, outcome: str, model: str | None) -> None:
        self._reloads.labels(outcome).inc()
        self._serving.clear()
        if model is not None:
            self._serving.labels(model).set(1)

    def batch(self, seconds: float) -> None:
        self._batch.observe(seconds)
