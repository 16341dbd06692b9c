"""Reading a service's metrics."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from cli.readiness import lag_of


def test_lag_is_summed_over_partitions() -> None:
    """The lag of a service is the sum over its partitions."""
    registry = CollectorRegistry()
    gauge = Gauge("lantern_stream_lag_records", "lag", ["topic", "partition"], registry=registry)
    gauge.labels("a", "0").set(3)
    gauge.labels("a", "1").set(4)
    assert lag_of(generate_latest(registry).decode()) == 7


def test_without_a_consumer_there_is_no_lag() -> None:
    """No consumer is not a lag of zero."""
    assert lag_of("") is None
