"""Dead letters that ingest published again: their mark, and what is remembered of them.

A refused event stays known by its key, so that its repeats (a resend after a crash) are duplicates
and not refused twice: accepted = applied + late + dead. A dead letter that is driven again comes
with a mark at its id (`x#redrive-1`). It is applied unless `x` itself was, or a marked `x`: a
refused event leaves a second key that says so, an applied marked one a third.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from features.domain.dedup import Seen
from shared.contracts.event import EventBase

_SIGN = "#redrive-"
_MARK = re.compile(r"(?:#redrive-\d{1,9})+\Z", re.ASCII)
REFUSED, REVIVED, MARKED = (number << 40 | 0x5EED for number in (1, 2, 3))


def is_redriven(event: EventBase) -> bool:
    """Return whether ingest published an event again that was refused here."""
    return _SIGN in event.id and _MARK.search(event.id) is not None


def has_redriven(events: Sequence[EventBase]) -> bool:
    """Return whether any of many events is marked; cheap where none is."""
    ids = [event.id for event in events]
    return _SIGN in "\n".join(ids) and any(map(is_redriven, events))


def original_id(event: EventBase) -> str:
    """Return the id that a marked event had at first."""
    return _MARK.sub("", event.id)


def at_marks(events: Sequence[EventBase]) -> Iterable[slice]:
    """Return cuts of a sequence in which each marked event stands alone."""
    cuts = {0, len(events)}
    for place, event in enumerate(events):
        if is_redriven(event):
            cuts |= {place, place + 1}
    return [slice(low, high) for low, high in pairwise(sorted(cuts))]


def is_noted(seen: Seen, arrival: int, key: int) -> bool:
    """Return whether a key was noted within the horizon."""
    recent = range(arrival - seen.horizon, arrival + 1)
    return any(key in keys for day, keys in seen.by_arrival.items() if day in recent)
