"""Dead letters: what is kept, and what counts towards the limit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.codec import decoder
from shared.contracts.feed import DeadLetter
from shared.contracts.topics import CAMPUS_EVENTS
from shared.crypto.sealing import Sealer
from shared.kernel.clock import ManualClock
from shared.kernel.trace import trace_id
from shared.observability import logging
from shared.stream.dead_letters import (
    KEPT_BYTES,
    DeadLetterLimit,
    DeadLetters,
    TooManyDeadLettersError,
)
from shared.stream.kafka.sink import RECORD_BYTES
from shared.stream.ports import Partition, Record, Rejected

SEALER = Sealer("d1", {"d1": bytes(32)})
PARENT = b"00-" + b"a1" * 16 + b"-" + b"b2" * 8 + b"-01"


def rejected(payload: bytes | None, reason: str = "unreadable", detail: str = "") -> Rejected:
    record = Record(Partition(CAMPUS_EVENTS.name, 0), 7, None, payload)
    return Rejected(record, reason, feed="card", detail=detail)


@given(extra=st.integers(-2, 600_000), detail=st.sampled_from(["", "not JSON"]))
def test_a_letter_fits_into_a_record(extra: int, detail: str) -> None:
    """Of a payload beyond the limit the beginning is kept, and the letter says how much."""
    payload = b"x" * (KEPT_BYTES + extra)
    letters = DeadLetters("features", SEALER, ManualClock())
    [outgoing] = letters.outgoing([rejected(payload, detail=detail)])
    letter = decoder(DeadLetter).decode(outgoing.value or b"")
    assert SEALER.open(letter.payload, f"dead:{letter.id}") == payload[:KEPT_BYTES]
    assert len(outgoing.value or b"") < RECORD_BYTES
    told = f"first {KEPT_BYTES} of {len(payload)} bytes"
    wanted = [detail] if detail else []
    assert letter.detail == "; ".join(wanted + [told] * (extra > 0))


def test_every_reason_counts_unless_it_is_named() -> None:
    """No reason is free by itself: a service names those of its own that are."""
    late = [rejected(b"x", "late")] * 3
    with pytest.raises(TooManyDeadLettersError):
        DeadLetterLimit(minimum=2).add(3, late)
    DeadLetterLimit(minimum=2, uncounted=frozenset({"late"})).add(3, late)


@pytest.mark.parametrize(
    ("payload", "trace"),
    [
        (b'{"id":"e1","traceparent":"%b"}' % PARENT, PARENT.decode()),
        (b'{"traceparent" : "%b" broken \xff' % PARENT, PARENT.decode()),
        (b'{"traceparent":"%b"}' % PARENT.replace(b"a1" * 16, b"0" * 32), None),
        (b'{"traceparent":"%b"}' % PARENT.upper(), None),
        (b"no event", None),
        (None, None),
    ],
)
def test_a_letter_keeps_the_trace_of_what_could_not_be_read(
    payload: bytes | None, trace: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also broken bytes tell their trace if they hold a valid one; the log line names it."""
    logging.configure("info", "json")
    letters = DeadLetters("features", SEALER, ManualClock())
    [outgoing] = letters.outgoing([rejected(payload)])
    assert decoder(DeadLetter).decode(outgoing.value or b"").traceparent == trace
    letters.report([rejected(payload), rejected(b"late", "late"), rejected(b"late", "late")])
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["reason"], first["count"], first["first"]) == (
        "unreadable", 1, f"{CAMPUS_EVENTS.name}/0/7",
    )  # fmt: skip
    assert first["trace_id"] == (trace_id(trace) if trace else None)
    assert (second["reason"], second["count"]) == ("late", 2)
