"""Dead letters as operators see them: the sealed payload stays sealed until it is opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.kernel.trace import trace_id

LetterState = Literal["open", "redriven"]
Stage = Literal["ingest", "features", "scoring", "alerts"]
PLACE_PREFIX = "dead:"


def seal_place(letter_id: str) -> str:
    """Return the associated data of a payload: it opens only in the letter it was sealed for."""
    return f"{PLACE_PREFIX}{letter_id}"


@dataclass(frozen=True)
class Letter:
    """A dead letter and what was done about it."""

    id: str
    feed: str
    stage: Stage
    reason: str
    detail: str
    field: str | None
    at: str
    origin: str | None
    payload: str
    key_id: str
    state: LetterState
    redrives: int
    last_redrive_at: datetime | None
    traceparent: str | None
    position: int

    @property
    def trace_id(self) -> str | None:
        return trace_id(self.traceparent) if self.traceparent else None


@dataclass(frozen=True)
class LetterQuery:
    """Which letters: newest first, before a position (paging)."""

    feed: str | None = None
    reason: str | None = None
    stage: Stage | None = None
    state: LetterState | None = None
    before: int | None = None
    limit: int = 100
