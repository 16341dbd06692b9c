"""Cut one partition's records into stretches: events up to a tick, the tick, and so on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from features.domain.refusal import UNDECODABLE, Refusal
from shared.contracts.codec import decoder
from shared.contracts.event import CampusRecord, EventBase, Tick


class _Feed(msgspec.Struct):
    feed: str = ""


_decode: Callable[[bytes], Any] = msgspec.json.Decoder(CampusRecord).decode
_decode_feed = decoder(_Feed).decode
_FAULTS = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)


@dataclass(frozen=True)
class Stretch:
    """Events of one partition in order; `tick` ends it, `last` is the offset to remember."""

    events: Sequence[EventBase]
    offsets: Sequence[int]
    last: int
    tick: Tick | None = None


@dataclass(frozen=True)
class Reading:
    """One partition's part of a batch."""

    stretches: Sequence[Stretch]
    refused: Sequence[Refusal] = ()


def read(partition: int, values: Sequence[bytes | None], offsets: Sequence[int]) -> Reading:
    """Decode records in one pass and cut them at their ticks."""
    try:
        records: list[Any] = list(map(_decode, values))  # type: ignore[arg-type]  # None: TypeError
        refused: list[Refusal] = []
    except _FAULTS:
        records, offsets_read, refused = _one_by_one(partition, values, offsets)
        return Reading(_cut(records, offsets_read, offsets[-1]), refused)
    return Reading(_cut(records, offsets, offsets[-1]), refused)


def _one_by_one(
    partition: int, values: Sequence[bytes | None], offsets: Sequence[int]
) -> tuple[list[Any], list[int], list[Refusal]]:
    records, kept, refused = [], [], []
    for value, offset in zip(values, offsets, strict=True):
        try:
            records.append(_decode(value or b""))
            kept.append(offset)
        except _FAULTS as error:
            place = str(error).rpartition(" - at ")[2] if isinstance(error, ValueError) else ""
            detail = f"{type(error).__name__} {place}".strip()
            refused.append(Refusal(partition, offset, UNDECODABLE, _feed_of(value), detail[:200]))
    return records, kept, refused


def _feed_of(value: bytes | None) -> str:
    try:
        return _decode_feed(value or b"").feed
    except _FAULTS:
        return ""


def _cut(records: Sequence[Any], offsets: Sequence[int], last: int) -> list[Stretch]:
    if Tick not in set(map(type, records)):
        return [Stretch(records, offsets, last)]
    stretches, start = [], 0
    for index, record in enumerate(records):
        if type(record) is Tick:
            part = slice(start, index)
            stretches.append(Stretch(records[part], offsets[part], offsets[index], record))
            start = index + 1
    stretches.append(Stretch(records[start:], offsets[start:], last))
    return stretches
