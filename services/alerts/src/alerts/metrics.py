"""Every metric of this service, named once."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class AlertMetrics:
    """Counters of decisions, alerts and messages; gauges of the outbox."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(
            "lantern_alerts_decisions", "Decisions by reason.", ("reason",), registry=registry
        )
        self.raised = Counter(
            "lantern_alerts_raised",
            "Alerts opened or raised, by level and reason.",
            ("level", "reason"),
            registry=registry,
        )
        self.notifications = Counter(
            "lantern_alerts_notifications",
            "Attempts to hand a message over, by channel and code.",
            ("channel", "code"),
            registry=registry,
        )
        self.outbox_depth = Gauge(
            "lantern_alerts_outbox_rows", "Rows waiting, by lane.", ("lane",), registry=registry
        )
        self.outbox_age = Gauge(
            "lantern_alerts_outbox_oldest_seconds",
            "Age of the oldest waiting row, by lane.",
            ("lane",),
            registry=registry,
        )
        self.handed_over = Histogram(
            "lantern_alerts_handed_over_seconds",
            "From the commit of a decision to its first channel.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0),
            registry=registry,
        )
        self.watchers = Gauge(
            "lantern_alerts_stream_watchers", "Open live streams.", registry=registry
        )
