"""From a request's body to the bytes of its events; a body that is no JSON at all is refused."""

from collections.abc import Sequence
from enum import Enum

import msgspec

from ingest.domain.decode import RawEvent, malformed
from shared.contracts.codec import decoder
from shared.kernel.errors import RuleBrokenError, TooLargeError

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_list = decoder(list[msgspec.Raw]).decode
_any = decoder(msgspec.Raw).decode
_BLANK = b" \t\r\n"


class BodyKind(Enum):
    """How the events of a body are laid out."""

    ONE = "one"
    BATCH = "batch"
    LINES = "lines"


MEDIA_TYPES = {
    "application/cloudevents+json": BodyKind.ONE,
    "application/json": BodyKind.ONE,
    "application/cloudevents-batch+json": BodyKind.BATCH,
    "application/x-ndjson": BodyKind.LINES,
    "application/ndjson": BodyKind.LINES,
}


def body_kind(content_type: str) -> BodyKind | None:
    """Return the layout that a Content-Type header names, None where we do not take it."""
    media, _, parameters = content_type.lower().partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            return None
    return MEDIA_TYPES.get(media.strip())


def split(kind: BodyKind, body: bytes, max_events: int) -> Sequence[RawEvent]:
    """Return the events of a body, undecoded; lines that are broken are kept for their own result.

    Raises:
        RuleBrokenError: the body as a whole is not what its kind says.
        TooLargeError: it holds more than `max_events`.
    """
    if body.startswith(_BOMS):
        raise RuleBrokenError("byte_order_mark", "the body must be UTF-8 without a byte order mark")
    events = _lines(body) if kind is BodyKind.LINES else _json(kind, body)
    if len(events) > max_events:
        raise TooLargeError(
            "too_many_events", f"a request holds at most {max_events} events, not {len(events)}"
        )
    if not events:
        raise RuleBrokenError("no_events", "the body holds no event")
    return events


def _lines(body: bytes) -> list[RawEvent]:
    return [line for line in map(_strip, body.split(b"\n")) if line]


def _strip(line: bytes) -> bytes:
    return line.strip(_BLANK)


def _json(kind: BodyKind, body: bytes) -> list[RawEvent]:
    """Read an array, or for a single event also an object (`application/json` may hold either)."""
    try:
        is_array = body.lstrip(_BLANK).startswith(b"[")
        if kind is BodyKind.ONE and not is_array:
            return [_any(body)]
        return list(_list(body))
    except msgspec.ValidationError as error:
        raise RuleBrokenError("not_a_batch", f"a batch is a JSON array: {error}") from None
    except msgspec.DecodeError as error:
        raise RuleBrokenError("malformed_json", malformed(str(error))) from None
    except RecursionError:
        raise RuleBrokenError("too_deep", "the body is nested too deeply") from None
