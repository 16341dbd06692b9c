"""Use cases of people who answer for models: promote, roll back, resume, compare."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scoring.domain.comparison import Bounds, Comparison, refusal
from scoring.domain.lanes import Candidate, shadow_lane
from scoring.domain.ports import Assessments, Bundles, Changes
from scoring.domain.standing import (
    Action,
    Change,
    Logged,
    Standing,
    broken_at,
    standing,
    to_promote,
    to_resume,
    to_roll_back,
)
from shared.bundle.manifest import Thresholds
from shared.bundle.reading import BundleRefusedError
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class Asked:
    """Who asks for a change, and why."""

    actor: str
    reason: str


@dataclass(frozen=True)
class Log:
    """All changes; `broken_at` is the first entry that was altered, None while it is whole."""

    entries: Sequence[Logged]
    broken_at: int | None


class Serving:
    """Decides which bundle is champion; what runs follows, woken by `wake`."""

    def __init__(
        self,
        *,
        changes: Changes,
        assessments: Assessments,
        bundles: Bundles,
        clock: Clock,
        initial: str,
        bounds: Bounds,
        cuts: Callable[[], Thresholds],
        wake: Callable[[], object],
    ) -> None:
        self._changes = changes
        self._assessments = assessments
        self._bundles = bundles
        self._clock = clock
        self._initial = initial
        self._bounds = bounds
        self._cuts = cuts
        self._wake = wake

    async def standing(self) -> Standing:
        """Return what serves now."""
        return standing(self._initial, await self._changes.read())

    async def log(self) -> Log:
        """Return all changes, checked."""
        entries = await self._changes.read()
        return Log(entries, broken_at(entries))

    async def promote(self, bundle: str, asked: Asked, *, is_forced: bool = False) -> Logged:
        """Make a bundle champion: everybody is assessed again, by it.

        Raises:
            NotFoundError: there is no such bundle.
            ConflictError: it does not verify, is champion already, or its shadow says too much, too
                little, or has not assessed everybody (unless forced).
        """
        digest = await self._digest(self._candidate(bundle).name)
        if not is_forced:
            to_promote(await self.standing(), bundle)
            refused = refusal(await self.compare(bundle), self._bounds)
            if refused is not None:
                raise refused
        return await self._change(
            lambda now: self._made(
                now, "promote", to_promote(now, bundle), asked, digest=digest, is_forced=is_forced
            )
        )

    async def roll_back(self, asked: Asked) -> Logged:
        """Return to the champion before this one.

        Raises:
            ConflictError: there was none, or its bundle does not verify.
            NotFoundError: its bundle is gone.
        """
        target = to_roll_back(await self.standing())
        digest = await self._digest(self._candidate(target).name)
        return await self._change(
            lambda now: self._made(
                now, "rollback", _still(target, to_roll_back(now)), asked, digest=digest
            )
        )

    async def resume(self, asked: Asked) -> Logged:
        """End a suspension: the champion scores again.

        Raises:
            ConflictError: it is not suspended.
        """
        return await self._change(lambda now: self._made(now, "resume", to_resume(now), asked))

    async def compare(self, bundle: str) -> Comparison:
        """Compare the assessments of champion and a bundle's shadow, by the champion's cuts.

        Raises:
            NotFoundError: there is no such bundle.
            ServiceAwayError: no champion is in service, so there are no cuts.
        """
        lane = shadow_lane(self._candidate(bundle)).key
        return await self._assessments.compared_with(lane, self._cuts())

    def _candidate(self, name: str) -> Candidate:
        found = next((one for one in self._bundles.candidates() if one.name == name), None)
        if found is None:
            raise NotFoundError("no_bundle", "there is no bundle of this name")
        return found

    async def _digest(self, name: str) -> str:
        try:
            return (await asyncio.to_thread(self._bundles.load, name)).digest
        except BundleRefusedError as error:
            raise ConflictError("bundle_refused", str(error)[:400]) from None

    async def _change(self, draft: Callable[[Standing], Change]) -> Logged:
        entry = await self._changes.add(draft)
        self._wake()
        return entry

    def _made(
        self,
        now: Standing,
        action: Action,
        to: str,
        asked: Asked,
        *,
        digest: str = "",
        is_forced: bool = False,
    ) -> Change:
        at = format_utc(self._clock.now())
        return Change(
            at, asked.actor, action, now.champion, to, asked.reason, digest, is_forced=is_forced
        )


def _still(expected: str, found: str) -> str:
    if found != expected:
        raise ConflictError("changed_meanwhile", "somebody changed the champion meanwhile")
    return found
