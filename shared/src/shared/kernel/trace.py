"""W3C trace context: one id that names a chain of causes, from an HTTP request to a message.

A `traceparent` is `00-<trace id>-<span id>-<flags>`. The trace id is the correlation id of the
whole chain, in log lines and tables as well. Where it travels:

* HTTP: the header `traceparent`. A request without a valid one begins a trace; each is a new span.
* `campus.events.v1`, `student.features.v1`, `risk.assessments.v1`: the message's own field, as the
  CloudEvents extension says. A record header costs a reader of 100,000 events a second twice as
  much (measured: 0.12 µs against 0.06), and the digests of vectors and assessments leave it out.
* `campus.events.dead.v1`: the letter's field, also where the event itself could not be decoded.
* `alerts.events.v1`: the record header `traceparent`. What alerts publish is compared byte by byte
  between runs, and a trace is of one run.
* tables: columns of dead letters, alert history and outbox, so that it outlives a restart.

No stage between ingest and alerts records spans, so none invents one: each passes on what it read.
A vector rests on many events; it names the last of those that it waited for, and none while the
worker catches up or replays. An event that its source traced already keeps that trace.
"""

import re
import secrets

HEADER = "traceparent"
_FORM = re.compile(
    r"([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII
)


def valid(text: str | None) -> str | None:
    """Return a foreign traceparent as version 00 writes it, None where it is none.

    >>> valid(f"cc-{'a' * 32}-{'b' * 16}-03-future") == f"00-{'a' * 32}-{'b' * 16}-01"
    True
    """
    found = _FORM.fullmatch(text) if text else None
    if found is None:
        return None
    version, trace, span, flags, rest = found.groups()
    if version == "ff" or (version == "00" and rest is not None):
        return None
    return f"00-{trace}-{span}-{int(flags, 16) & 1:02x}"


def begin() -> str:
    """Return the first span of a new trace."""
    return _joined(secrets.token_hex(16), "01")


def continued(parent: str | None) -> str:
    """Return a new span: of the parent's trace if that is a valid one, else of a new trace."""
    known = valid(parent)
    return begin() if known is None else _joined(trace_id(known), known[-2:])


def trace_id(traceparent: str) -> str:
    """Return the trace's id out of a valid traceparent."""
    return traceparent[3:35]


def _joined(trace: str, flags: str) -> str:
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"
