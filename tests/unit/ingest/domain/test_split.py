"""Bodies."""

import pytest

from ingest.domain.split import BodyKind, body_kind, split
from shared.kernel.errors import RuleBrokenError, TooLargeError


def pieces(kind: BodyKind, body: bytes) -> list[bytes]:
    return [bytes(event) for event in split(kind, body, 3)]


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/cloudevents+json", BodyKind.ONE),
        ("application/json; charset=UTF-8", BodyKind.ONE),
        ("application/cloudevents-batch+json;charset=utf-8", BodyKind.BATCH),
        ("application/x-ndjson", BodyKind.LINES),
        ("application/json; charset=gbk", None),
        ("text/plain", None),
        ("", None),
    ],
)
def test_the_content_type_says_how_events_are_laid_out(
    content_type: str, kind: BodyKind | None
) -> None:
    """Three layouts are taken, in UTF-8 only."""
    assert body_kind(content_type) is kind


def test_events_come_out_in_order_and_untouched() -> None:
    """Splitting keeps each event's own bytes."""
    assert pieces(BodyKind.ONE, b' {"a":1} ')[0].strip() == b'{"a":1}'
    assert pieces(BodyKind.ONE, b"[1,2]") == [b"1", b"2"]
    assert pieces(BodyKind.BATCH, b'[{"a": 1},{"b":2}]') == [b'{"a": 1}', b'{"b":2}']
    assert pieces(BodyKind.LINES, b'{"a":1}\r\n\n {broken\n') == [b'{"a":1}', b"{broken"]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (BodyKind.ONE, b"", "malformed_json"),
        (BodyKind.ONE, b'{"a":', "malformed_json"),
        (BodyKind.ONE, b'{"a":1} x', "malformed_json"),
        (BodyKind.BATCH, b"{}", "not_a_batch"),
        (BodyKind.BATCH, b"[1,NaN]", "malformed_json"),
        (BodyKind.BATCH, b"[]", "no_events"),
        (BodyKind.LINES, b"\n\r\n ", "no_events"),
        (BodyKind.ONE, b"\xef\xbb\xbf{}", "byte_order_mark"),
        (BodyKind.BATCH, "[]".encode("utf-16"), "byte_order_mark"),
        (BodyKind.BATCH, b"[" * 200_000, "too_deep"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(kind: BodyKind, body: bytes, code: str) -> None:
    """A broken body is refused as a whole, with a code."""
    with pytest.raises(RuleBrokenError) as caught:
        split(kind, body, 3)
    assert caught.value.code == code


def test_a_malformed_body_says_where() -> None:
    """The refusal names the byte."""
    with pytest.raises(RuleBrokenError, match="byte 3"):
        split(BodyKind.BATCH, b"[1,NaN]", 3)


def test_too_many_events_are_refused() -> None:
    """A request has a limit of events besides that of bytes."""
    with pytest.raises(TooLargeError):
        split(BodyKind.BATCH, b"[1,2,3,4]", 3)
