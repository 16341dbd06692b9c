"""One hash of all state: equal for equal logs, whatever the batches, kills and checkpoints."""

import hashlib
from collections.abc import Iterable

import numpy as np

from features.domain.pool import BLOCK, Pool
from features.domain.state import PartitionState
from shared.features.slots import RING_DAYS


def aggregates(pool: Pool, states: Iterable[PartitionState]) -> str:
    """Return SHA-256 over each student's non-empty days and life record, in order of students."""
    lines: list[tuple[str, bytes]] = []
    for state in states:
        rows = state.all_rows()
        for start in range(0, len(rows), BLOCK):
            part = rows[start : start + BLOCK]
            lines += zip(
                state.students[start : start + BLOCK], _contents(pool, state, part), strict=True
            )
    return _hash(f"{student} {content.hex()}" for student, content in sorted(lines) if content)


def _contents(pool: Pool, state: PartitionState, rows: np.ndarray) -> list[bytes]:
    days = np.ascontiguousarray(pool.window(rows, state.newest, RING_DAYS))
    words = days.view(np.uint64).reshape(len(rows), RING_DAYS, -1)
    filled = (words != 0).any(axis=2)
    life = pool.rows["life"][rows]
    found = []
    for index in range(len(rows)):
        whole = hashlib.sha256()
        numbers = state.oldest + np.flatnonzero(filled[index])
        record = life[index].tobytes()
        whole.update(numbers.astype("<i8").tobytes())
        whole.update(words[index][filled[index]].tobytes())
        whole.update(record)
        found.append(whole.digest() if len(numbers) or any(record) else b"")
    return found


def vectors(pool: Pool, states: Iterable[PartitionState]) -> str:
    """Return SHA-256 over the digest of the vector published last of each student, in order."""
    lines: list[tuple[str, int]] = []
    for state in states:
        published = pool.rows["published"][state.all_rows()].tolist()
        lines += zip(state.students, published, strict=True)
    return _hash(f"{student} {digest:016x}" for student, digest in sorted(lines) if digest)


def _hash(lines: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line.encode() + b"\n")
    return whole.hexdigest()
