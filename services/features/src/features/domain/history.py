"""Keep what vectors were made of at the first tick of a campus day (see shared.features.history).

Only what changed since the moment before is kept; what a checkpoint wrote in between is remembered
as `touched`, so that a worker which was killed keeps the same again from its log.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.domain.evaluation import Moment
from features.domain.facts import FactBook
from features.domain.pool import BLOCK
from features.domain.state import KeptBlock, PartitionState, Remembered
from shared.features.catalogue import catalogue_hash
from shared.features.history import LEFT, LIFE_DAY, KeptMoment, encoded, packed
from shared.features.slots import RING_DAYS


@dataclass(frozen=True)
class Historian:
    """Keeps moments of partitions, if a deployment wants them."""

    facts: FactBook
    is_on: bool = True

    def remember(self, state: PartitionState, at: Moment) -> bool:
        """Keep a partition's moment right after it was evaluated; say whether it was due."""
        if not self.is_on or at.end_day <= state.remembered:
            return False
        state.moments.append(
            Remembered(at.end_day, self._document(state, at), self._masks(state), _blocks(state))
        )
        state.remembered, state.touched = at.end_day, set()
        return True

    def _document(self, state: PartitionState, at: Moment) -> bytes:
        used = np.unique(state.pool.masks[state.all_rows()]).tolist()
        return encoded(
            KeptMoment(
                as_of=at.as_of,
                day=at.end_day,
                minute=at.minute,
                position=state.position,
                students=len(state.students),
                yields=state.yields.dump(),  # type: ignore[arg-type]
                dead=list(at.dead),
                masks={number: list(self.facts.masks(number)) for number in used},
                catalogue=catalogue_hash(),
            )
        )

    def _masks(self, state: PartitionState) -> bytes:
        rows, pool = state.all_rows(), state.pool
        numbers = np.where(pool.active[rows], pool.masks[rows], LEFT).astype("<i4")
        return packed(numbers.tobytes())


def _blocks(state: PartitionState) -> list[KeptBlock]:
    """Return the blocks that are not as the moment before knew them, compressed."""
    kept = [one for one in (*_days(state), *_lives(state)) if _is_new(state, one)]
    state.kept = {place: d for place, d in state.kept.items() if place[0] >= state.oldest} | {
        place: d for place, d in state.kept.items() if place[0] == LIFE_DAY
    }
    return [KeptBlock(one.day, one.block, packed(one.content)) for one in kept]


def _is_new(state: PartitionState, one: KeptBlock) -> bool:
    digest = hashlib.blake2b(one.content, digest_size=8).digest()
    is_new = state.kept.get((one.day, one.block)) != digest
    state.kept[one.day, one.block] = digest
    return is_new


def _days(state: PartitionState) -> Iterable[KeptBlock]:
    """Yield the day blocks of the ring that may have changed."""
    pool, newest = state.pool, state.newest
    changed = set(state.touched)
    dirty = np.nonzero(pool.dirty_days[:, np.array(state.blocks, np.int64)])
    for place, local in zip(*(part.tolist() for part in dirty), strict=True):
        changed.add((newest - (newest - place) % RING_DAYS, local))
    for day, local in sorted(changed):
        if state.oldest <= day <= newest:
            content = pool.days[day % RING_DAYS, _span(state.blocks[local])].tobytes()
            yield KeptBlock(day, local, content)


def _lives(state: PartitionState) -> Iterable[KeptBlock]:
    for local, block in enumerate(state.blocks):
        yield KeptBlock(LIFE_DAY, local, state.pool.rows["life"][_span(block)].tobytes())


def _span(block: int) -> slice:
    return slice(block * BLOCK, (block + 1) * BLOCK)
