"""One JSON encoder for every contract type, and typed decoders that validate as they read."""

from typing import TypeVar

import msgspec

T = TypeVar("T")

encode = msgspec.json.Encoder(order="deterministic").encode


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return a reusable decoder; its `msgspec.ValidationError` names the place, `$.data.x`."""
    return msgspec.json.Decoder(kind)
