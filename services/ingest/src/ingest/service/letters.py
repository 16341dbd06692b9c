"""Dead letters: look at them, open them, and send them through the front door again."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ingest.domain.letters import Letter, LetterQuery, seal_place
from ingest.domain.ports import LetterStore
from ingest.domain.results import EventResult
from shared.crypto.sealing import Sealer, UnsealableError
from shared.kernel.clock import Clock
from shared.kernel.errors import ConflictError, NotFoundError


class Redrives(Protocol):
    """The accept path, for a dead letter's original bytes."""

    async def redrive(self, letter: Letter, raw: bytes) -> EventResult: ...


@dataclass(frozen=True)
class Redriven:
    """What a re-drive did to one letter."""

    letter: str
    result: EventResult


class LetterService:
    """Operators' work on dead letters; a re-driven event is accepted once, however often asked."""

    def __init__(
        self, store: LetterStore, sealer: Sealer, redrives: Redrives, clock: Clock
    ) -> None:
        self._store, self._sealer, self._redrives, self._clock = store, sealer, redrives, clock
        self._one_at_a_time = asyncio.Lock()

    async def find(self, query: LetterQuery) -> list[Letter]:
        return await self._store.find(query)

    async def get(self, letter_id: str) -> Letter:
        """Return a letter, still sealed; raises NotFoundError."""
        letter = await self._store.get(letter_id)
        if letter is None:
            raise NotFoundError("letter_unknown", "there is no such dead letter")
        return letter

    def open(self, letter: Letter) -> bytes:
        """Return the original bytes.

        Raises:
            ConflictError: they were sealed under a key that this service does not have.
        """
        try:
            return self._sealer.open(letter.payload, seal_place(letter.id))
        except UnsealableError as error:
            raise ConflictError("unsealable", str(error)) from None

    async def redrive(self, letter_id: str) -> Redriven:
        """Send a letter's event through the accept path again.

        Raises:
            NotFoundError: no such letter.
            ConflictError: it was re-driven already, or cannot be opened.
            ServiceAwayError: the broker is away; the letter stays open.
        """
        async with self._one_at_a_time:
            letter = await self.get(letter_id)
            if letter.state != "open":
                raise ConflictError("already_redriven", "this letter was re-driven already")
            result = await self._redrives.redrive(letter, self.open(letter))
            await self._store.mark(letter.id, result, self._clock.now())
        return Redriven(letter.id, result)

    async def redrive_all(self, query: LetterQuery) -> tuple[list[Redriven], list[str]]:
        """Re-drive the open letters that a query finds; return them, and those that cannot be."""
        done, failed = [], []
        for letter in await self._store.find(query):
            try:
                done.append(await self.redrive(letter.id))
            except ConflictError:
                failed.append(letter.id)
        return done, failed
