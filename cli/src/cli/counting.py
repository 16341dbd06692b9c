"""The sums of a replay at every stage.

read = accepted + duplicate + rejected, and accepted = applied + late + dead.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from http import HTTPStatus
from typing import Any

from cli.context import Context
from cli.errors import document_of
from cli.language import say
from cli.output import table
from cli.readiness import condition
from shared.kernel.errors import UnavailableError

_LOOK_EVERY_S = 0.5
_BEHIND = ("features", "scoring", "alerts")
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class FeedSums:
    """One feed's rows at every stage."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    applied: int = 0
    late: int = 0
    dead: int = 0

    @property
    def adds_up(self) -> bool:
        taken = self.accepted + self.duplicate + self.rejected
        return self.read == taken and self.accepted == self.applied + self.late + self.dead

    def __add__(self, other: "FeedSums") -> "FeedSums":
        return FeedSums(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


COUNTED = tuple(field.name for field in fields(FeedSums))
TAKEN, HANDLED = COUNTED[:4], COUNTED[4:]
"""What ingest counts of a row, and what features counts of one that ingest accepted."""


def sums_of(
    feeds: Sequence[str],
    files: Sequence[Mapping[str, Any]],
    before: Mapping[str, Mapping[str, int]],
    after: Mapping[str, Mapping[str, int]],
) -> dict[str, FeedSums]:
    """Join an import's counts by file with what features did between two readings."""
    sums = {}
    for feed in feeds:
        mine = [file for file in files if file["feed"] == feed]
        read = {name: sum(file[name] for file in mine) for name in TAKEN}
        handled = {name: after[feed][name] - before[feed][name] for name in HANDLED}
        sums[feed] = FeedSums(**read, **handled)
    return sums


async def sums_so_far(here: Context, feeds: Sequence[str]) -> dict[str, FeedSums]:
    """Return what ingest and features have counted of each feed since this home began."""
    taken = _only(await _counts(here, "ingest"), feeds, TAKEN)
    handled = await feature_counts(here, feeds)
    return {feed: FeedSums(**taken[feed], **handled[feed]) for feed in feeds}


def print_sums(title: str, sums: Mapping[str, FeedSums]) -> None:
    """Print a line a feed and one for all, each with whether it adds up."""
    lines = {**sums, say("in all", "合计"): total_of(sums)}
    rows = [(name, *astuple(each), "✓" if each.adds_up else "✗") for name, each in lines.items()]
    table(title, (say("feed", "数据源"), *COUNTED, say("adds up", "相符")), rows)


def total_of(sums: Mapping[str, FeedSums]) -> FeedSums:
    return sum(sums.values(), FeedSums())


async def feature_counts(here: Context, feeds: Sequence[str]) -> Counts:
    """Return what features did with each feed's events, zeros where it saw none."""
    return _only(await _counts(here, "features"), feeds, HANDLED)


async def caught_up(
    here: Context,
    feeds: Sequence[str],
    budget_s: float,
    *,
    before: Mapping[str, Mapping[str, int]] | None = None,
    wanted: Mapping[str, int] | None = None,
    until_idle: bool = True,
) -> Counts | None:
    """Return features' counts once it handled everything and nobody lags; None after the budget.

    Everything is what ingest ever accepted of the feeds, or `wanted` beyond the counts `before`.
    Without `until_idle` others may lag, as they may in a service that is never without events.
    """
    clock = asyncio.get_running_loop()
    deadline = clock.time() + budget_s
    while clock.time() < deadline:
        try:
            found = await feature_counts(here, feeds)
            is_done = await _is_done(here, found, before, wanted)
            is_done = is_done and (not until_idle or await _is_idle(here))
        except UnavailableError:  # a service restarts: the wait goes on
            is_done = False
        if is_done:
            return found
        await asyncio.sleep(_LOOK_EVERY_S)
    return None


async def _is_done(
    here: Context,
    found: Counts,
    before: Mapping[str, Mapping[str, int]] | None,
    wanted: Mapping[str, int] | None,
) -> bool:
    if before is None or wanted is None:
        sent = _only(await _counts(here, "ingest"), list(found), ("accepted",))
        return all(sent[f]["accepted"] <= sum(found[f].values()) for f in found)
    return all(wanted[f] <= sum(found[f].values()) - sum(before[f].values()) for f in found)


async def _is_idle(here: Context) -> bool:
    """Return whether no consumer lags, looked at twice so that work in between is seen.

    One that is away may have anything before it.
    """
    for _ in range(2):
        seen = await asyncio.gather(*(condition(here, service) for service in _BEHIND))
        if any(each.lag or each.health == "away" for each in seen):
            return False
        await asyncio.sleep(_LOOK_EVERY_S)
    return True


async def lag_words(here: Context) -> str | None:
    """Say how many records each service behind ingest has before it, None when none has."""
    seen = await asyncio.gather(*(condition(here, service) for service in _BEHIND))
    said = [
        f"{service} {say('is away', '无应答') if each.lag is None else f'{each.lag:,}'}"
        for service, each in zip(_BEHIND, seen, strict=True)
        if each.lag or each.health == "away"
    ]
    if not said:
        return None
    behind = ", ".join(said)
    return say(f"catching up, records to go: {behind}", f"追赶中,待处理记录: {behind}")


async def _counts(here: Context, service: str) -> Mapping[str, Any]:
    async with here.client(service) as client:
        answer = await client.get("/v1/counts")
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        raise UnavailableError(f"{service} is not ready")
    found: Mapping[str, Any] = document_of(service, answer)["feeds"]
    return found


def _only(found: Mapping[str, Any], feeds: Sequence[str], names: Sequence[str]) -> Counts:
    return {f: {name: int(found.get(f, {}).get(name, 0)) for name in names} for f in feeds}
