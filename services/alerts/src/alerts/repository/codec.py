"""Decision states as JSON in one column: written whole, read whole, the same on both databases."""

from datetime import UTC, datetime

import msgspec

from alerts.domain.alert import StudentState

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(StudentState)


def encode_state(state: StudentState) -> str:
    return _encoder.encode(state).decode()


def decode_state(text: str) -> StudentState:
    return _decoder.decode(text)


def iso(moment: datetime) -> str:
    """Format a moment so that texts sort as times do, microseconds included."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
