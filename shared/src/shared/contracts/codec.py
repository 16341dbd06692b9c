"""One JSON encoder for every contract type, and typed decoders that validate as they read."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T")

UNREADABLE = (ValueError, RecursionError, OverflowError)
"""What a hostile record may raise: malformed, not UTF-8, nested too deep, a time out of range."""
MAX_TEXT = 120
_MAX_INTEGER = 2**63 - 1

encode = msgspec.json.Encoder(order="deterministic").encode


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return a reusable decoder; its `msgspec.ValidationError` names the place, `$.data.x`."""
    return msgspec.json.Decoder(kind)


def require_storable(
    texts: Iterable[str | None], numbers: Iterable[int] = (), *, longest: int = MAX_TEXT
) -> None:
    """Check what no decoder does: every database takes these texts and numbers as they are.

    Raises:
        ValueError: a text is longer than `longest` or holds NUL, or a number needs over 63 bits.
    """
    for text in texts:
        if text is not None and (len(text) > longest or "\0" in text):
            raise ValueError(f"a text is longer than {longest} or holds NUL")
    for number in numbers:
        if not -_MAX_INTEGER <= number <= _MAX_INTEGER:
            raise ValueError("a number needs more than 63 bits")
