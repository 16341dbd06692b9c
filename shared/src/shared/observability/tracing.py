"""The trace of what is done just now: in each log line as `trace_id`, and on each HTTP call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.contextvars import bound_contextvars

from shared.kernel.trace import trace_id

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    """Return the traceparent under which this task works, if it works under one."""
    return _current.get()


@contextmanager
def traced(traceparent: str | None) -> Iterator[None]:
    """Work under a valid traceparent for the length of a block; None changes nothing."""
    if traceparent is None:
        yield
        return
    token = _current.set(traceparent)
    try:
        with bound_contextvars(trace_id=trace_id(traceparent)):
            yield
    finally:
        _current.reset(token)
