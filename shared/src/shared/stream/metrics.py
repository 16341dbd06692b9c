"""Metrics of every stream worker, named once."""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.stream.records import Partition, Records

_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class StreamMetrics:
    """What a worker counts; one instance a registry, shared by the workers of a service."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.records = Counter(
            "lantern_stream_records", "Records handled.", ("group", "topic"), registry=registry
        )
        self.published = Counter(
            "lantern_stream_published", "Records published.", ("group",), registry=registry
        )
        self.dead_letters = Counter(
            "lantern_stream_dead_letters",
            "Records set aside as dead letters.",
            ("group", "reason"),
            registry=registry,
        )
        self.lag = Gauge(
            "lantern_stream_lag_records",
            "Records between the position and the end of the partition.",
            ("group", "topic", "partition"),
            registry=registry,
        )
        self.oldest = Gauge(
            "lantern_stream_oldest_event_age_seconds",
            "Age of the oldest record of the last batch when it came; 0 when there is no lag.",
            ("group",),
            registry=registry,
        )
        self.round_seconds = Histogram(
            "lantern_stream_round_seconds",
            "Handling and publishing one batch.",
            ("group",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.save_seconds = Histogram(
            "lantern_stream_save_seconds",
            "One transaction of effects and bookmarks.",
            ("group",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.saves = Counter(
            "lantern_stream_saves", "Saves by outcome.", ("group", "outcome"), registry=registry
        )
        self.restarts = Counter(
            "lantern_stream_client_restarts",
            "Times the consumer was made anew, by reason.",
            ("group", "reason"),
            registry=registry,
        )
        self.paused = Gauge(
            "lantern_stream_paused", "1 while back-pressure pauses.", ("group",), registry=registry
        )

    def handled(self, group: str, records: Records, seconds: float) -> None:
        """Count one batch that was handled and published."""
        sizes: Tally[str] = Tally()
        for run in records.runs:
            sizes[run.partition.topic] += len(run)
        for topic, size in sizes.items():
            self.records.labels(group, topic).inc(size)
        self.round_seconds.labels(group).observe(seconds)

    def set_lag(self, group: str, lag: Mapping[Partition, int]) -> None:
        for partition, records in lag.items():
            self.lag.labels(group, partition.topic, str(partition.number)).set(records)

    def forget(self, group: str, partitions: Sequence[Partition]) -> None:
        """Drop the gauges of partitions that another worker owns now."""
        for partition in partitions:
            labels = (group, partition.topic, str(partition.number))
            if labels in self.lag._metrics:  # noqa: SLF001 - `remove` raises on an unknown child
                self.lag.remove(*labels)
