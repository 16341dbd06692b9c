"""From bytes to a typed event, or to the fault that says why not and where."""

import re
from collections.abc import Callable

import msgspec

from ingest.domain.results import Fault
from shared.contracts.codec import decoder
from shared.contracts.event import EVENT_TYPES, CampusEvent, EventBase

RawEvent = bytes | msgspec.Raw
_decode: Callable[[RawEvent], EventBase] = decoder(CampusEvent).decode  # type: ignore[arg-type]
_PLACE = re.compile(r" - at `(?P<place>[^`]*)`$")
_FIELD = re.compile(r"`(?P<name>[A-Za-z_][A-Za-z0-9_]{0,39})`")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
_BYTE = re.compile(r"\(byte (?P<byte>\d+)\)")
_DETAIL_MAX = 160


class _Identity(msgspec.Struct, gc=False):
    """Just enough of an event to name it in its result."""

    id: str | None = None


_identify = decoder(_Identity).decode


def decode_event(raw: RawEvent) -> EventBase | Fault:
    """Decode one event of any type; every way of being malformed becomes a fault."""
    try:
        event = _decode(raw)
    except msgspec.ValidationError as error:
        return _explain(str(error))
    except msgspec.DecodeError as error:
        return Fault("malformed_json", malformed(str(error)))
    except UnicodeDecodeError as error:
        return Fault("not_utf8", f"not UTF-8 at byte {error.start} of a text")
    except RecursionError:
        return Fault("too_deep", "nested too deeply")
    return event


def identity(raw: RawEvent) -> str | None:
    """Return the id of an event that cannot be decoded as a whole, if it can be read."""
    try:
        found = _identify(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found[:200] if found and found.isprintable() else None


def malformed(message: str) -> str:
    """Return what a decoder said of broken JSON: where and what, never the text itself."""
    return message.removeprefix("JSON is malformed: ")[:_DETAIL_MAX]


def _explain(message: str) -> Fault:
    """Turn a validation message into a code, a place and words without the value that was sent."""
    found = _PLACE.search(message)
    place = found["place"] if found else "$"
    what = message[: found.start()] if found else message
    named = _FIELD.search(what)
    if what.startswith("Object contains unknown field"):
        field = f"{place}.{named['name']}" if named else place
        return Fault("unknown_field", "this field is not collected", field)
    if what.startswith("Object missing required field"):
        field = f"{place}.{named['name']}" if named else place
        return Fault("missing_field", "this field is required", field)
    if what.startswith("Invalid value") and place == "$.type":
        known = ", ".join(sorted(EVENT_TYPES))
        return Fault("unknown_type", f"not a known event type; known are {known}", place)
    return Fault(_code(what), _QUOTED.sub("(value)", what)[:_DETAIL_MAX], place)


def _code(what: str) -> str:
    if what.startswith("Invalid enum value"):
        return "unknown_value"
    if "out of range" in what or "<=" in what or ">=" in what:
        return "bad_length" if "length" in what else "out_of_range"
    if "matching regex" in what:
        return "bad_format"
    return "wrong_type"
