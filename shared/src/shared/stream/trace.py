"""Trace context on records: W3C `traceparent` as a header, a correlation id in every log line."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

from shared.stream.records import Headers, Record

HEADER = "traceparent"
_VALID = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


def new_traceparent() -> str:
    """Start a trace: sampled, with a random trace id and span id."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_of(traceparent: str | None) -> str:
    """Return a new span of the same trace, or of a new one when the parent is no valid context."""
    if traceparent is None or not _VALID.match(traceparent):
        return new_traceparent()
    return f"{traceparent[:36]}{secrets.token_hex(8)}{traceparent[52:]}"


def headers(traceparent: str | None) -> Headers:
    """Return the headers that carry a trace context; none without one."""
    return ((HEADER, traceparent.encode()),) if traceparent else ()


def traceparent_of(record: Record) -> str | None:
    """Return a record's trace context; what is not valid is ignored, as W3C asks."""
    for name, value in record.headers:
        if name == HEADER:
            text = value.decode("ascii", errors="replace")
            return text if _VALID.match(text) else None
    return None


@contextmanager
def correlated(traceparent: str | None) -> Iterator[str]:
    """Bind the trace id to every log line inside, and return it as the correlation id."""
    known = traceparent if traceparent and _VALID.match(traceparent) else new_traceparent()
    trace_id = known[3:35]
    with bound_contextvars(correlation_id=trace_id):
        yield trace_id
