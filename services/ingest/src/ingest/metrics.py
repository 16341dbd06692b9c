"""Every metric of ingest, named once."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.kernel.campus_time import parse_utc

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class IngestMetrics:
    """Implements `ingest.domain.ports.Observer`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "ingest_events", "Events read, by result.", ["feed", "result"], registry=registry
        )
        self._refused = Counter(
            "ingest_requests_refused", "Requests refused as a whole.", ["reason"], registry=registry
        )
        self._round = Histogram(
            "ingest_round_seconds",
            "From the start of a round to its record.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._round_events = Counter(
            "ingest_round_events", "Events that went through rounds.", registry=registry
        )
        self._round_requests = Counter(
            "ingest_round_requests", "Requests that went through rounds.", registry=registry
        )
        self._tick = Gauge(
            "ingest_last_tick_timestamp_seconds", "Moment of the last tick.", registry=registry
        )
        self._remembered = Gauge(
            "ingest_ids_remembered", "Ids inside the horizon of idempotency.", registry=registry
        )
        self._state = Gauge(
            "ingest_feed_state", "1 for the state that a feed is in.", ["feed", "state"],
            registry=registry,
        )  # fmt: skip
        self._lag = Gauge(
            "ingest_feed_lag_seconds", "Age of the newest event when received.", ["feed"],
            registry=registry,
        )  # fmt: skip
        self._yield = Gauge(
            "ingest_feed_yield", "Share of the usual of the last closed day.", ["feed"],
            registry=registry,
        )  # fmt: skip

    def results(self, feed: str, accepted: int, duplicate: int, rejected: int) -> None:
        for result, count in (
            ("accepted", accepted), ("duplicate", duplicate), ("rejected", rejected)
        ):  # fmt: skip
            if count:
                self._events.labels(feed, result).inc(count)

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def round_done(self, events: int, requests: int, seconds: float) -> None:
        self._round.observe(seconds)
        self._round_events.inc(events)
        self._round_requests.inc(requests)

    def ticked(self, time: str) -> None:
        self._tick.set(parse_utc(time).timestamp())

    def remembered(self, digests: int) -> None:
        self._remembered.set(digests)

    def feed(self, feed: str, state: str, lag_s: float | None, yield_share: float | None) -> None:
        for name in ("new", "alive", "late", "dead"):
            self._state.labels(feed, name).set(1 if name == state else 0)
        if lag_s is not None:
            self._lag.labels(feed).set(lag_s)
        if yield_share is not None:
            self._yield.labels(feed).set(yield_share)
