"""From bytes to events and faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.ingest_kit import an_event, raw

from ingest.domain.decode import decode_event, identity
from ingest.domain.results import Fault


def fault(body: bytes) -> Fault:
    found = decode_event(body)
    assert isinstance(found, Fault), found
    return found


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (raw(an_event(data={"amount": -1})), "out_of_range", "$.data.amount"),
        (raw(an_event(data={"amount": "12"})), "wrong_type", "$.data.amount"),
        (raw(an_event(data={"merchant": "casino"})), "unknown_value", "$.data.merchant"),
        (raw(an_event(data={"items_bought": 3})), "unknown_field", "$.data.items_bought"),
        (raw(an_event(type="lantern.card.swiped.v9")), "unknown_type", "$.type"),
        (raw({**an_event(), "data": {"merchant": "meal"}}), "missing_field", "$.data.amount"),
        (raw({k: v for k, v in an_event().items() if k != "id"}), "missing_field", "$.id"),
        (raw(an_event("x" * 201)), "bad_length", "$.id"),
        (raw(an_event(specversion="0.3")), "unknown_value", "$.specversion"),
        (raw(an_event()).replace(b"12.5", b"1e999"), "out_of_range", "$.data.amount"),
        (raw(an_event()).replace(b"12.5", b"NaN"), "malformed_json", None),
        (raw(an_event())[:-4], "malformed_json", None),
        (raw(an_event(subject="x")).replace(b'"x"', b'"\xff"'), "not_utf8", None),
        (b'{"type":' + b"[" * 100_000, "too_deep", None),
        (b"[]", "wrong_type", "$"),
        (b"", "malformed_json", None),
    ],
)
def test_a_fault_has_a_code_and_a_place(body: bytes, reason: str, field: str | None) -> None:
    """Every way of being malformed has a stable code, and its place where there is one."""
    found = fault(body)
    assert (found.reason, found.field) == (reason, field)


@given(st.from_regex(r"[0-9]{8,12}", fullmatch=True))
def test_a_fault_repeats_no_value(secret: str) -> None:
    """What was sent does not come back in a fault: it may name a student."""
    bodies = (
        raw(an_event(data={"merchant": secret})),
        raw(an_event(data={secret: 1})),
        raw(an_event(type=secret)),
        raw(an_event(specversion=secret)),
    )
    for body in bodies:
        assert secret not in str(fault(body))


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever comes, an event or a fault comes out, and an identity or none."""
    decode_event(body)
    identity(body)


def test_the_identity_of_a_bad_event_is_still_read() -> None:
    """A rejected event is named by its own id where that can be read."""
    assert identity(raw(an_event("e7", data={"amount": -1}))) == "e7"
    assert identity(raw({**an_event(), "id": 7})) is None
    assert identity(b"nonsense") is None
