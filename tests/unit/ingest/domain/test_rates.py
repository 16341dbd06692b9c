"""Rates."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.rates import TokenBucket


def test_a_burst_passes_and_the_rest_waits() -> None:
    """A feed may send two seconds' worth at once, then waits until its debt is paid."""
    bucket = TokenBucket(10.0)
    assert bucket.wait_s(0.0) == 0
    bucket.take(50)
    assert bucket.wait_s(0.0) == 3
    assert bucket.wait_s(3.1) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 500)), max_size=60))
def test_no_client_gets_more_than_rate_and_burst(steps: list[tuple[float, int]]) -> None:
    """Over any time, what passes is at most rate x time + burst + one last request."""
    bucket, now, passed, last = TokenBucket(100.0), 0.0, 0, 0
    for pause, events in steps:
        now += pause
        if bucket.wait_s(now) == 0:
            bucket.take(events)
            passed, last = passed + events, events
    assert passed <= 100.0 * now + 200.0 + last


@given(st.integers(1, 10_000))
def test_waiting_as_told_is_enough(events: int) -> None:
    """After Retry-After the next request passes."""
    bucket = TokenBucket(7.0)
    bucket.wait_s(0.0)
    bucket.take(events)
    assert bucket.wait_s(bucket.wait_s(0.0) + 0.001) == 0
