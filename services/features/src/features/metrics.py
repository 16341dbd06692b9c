"""Metrics of the feature service, named once."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class FeatureMetrics:
    """What the service counts beside the stream kit's lag, age, throughput and save seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.students = Gauge(
            "lantern_features_students", "Students with a row in memory.", registry=registry
        )
        self.state_bytes = Gauge(
            "lantern_features_state_bytes",
            "Bytes of day rings, life records and duplicate keys.",
            registry=registry,
        )
        self.evaluated = Counter(
            "lantern_features_evaluated", "Evaluations of a student.", registry=registry
        )
        self.emitted = Counter("lantern_features_vectors", "Vectors published.", registry=registry)
        self.coalesced = Counter(
            "lantern_features_coalesced",
            "Events of students whose change was still waiting to go out.",
            registry=registry,
        )
        self.events = Gauge(
            "lantern_features_events",
            "Events of the partitions held here, by feed and outcome, since the log began.",
            ("feed", "outcome"),
            registry=registry,
        )
        self.checkpoint_bytes = Counter(
            "lantern_features_checkpoint_bytes", "Bytes of checkpoints.", registry=registry
        )
        self.facts_refused = Gauge(
            "lantern_features_facts_refused",
            "Facts of directory that could not be read, since the process began.",
            registry=registry,
        )
        self.load_seconds = Histogram(
            "lantern_features_load_seconds",
            "Reading the state of partitions taken over.",
            buckets=_SECONDS,
            registry=registry,
        )
