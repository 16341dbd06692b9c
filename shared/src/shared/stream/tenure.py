"""What a worker holds now: partitions, their epochs, and how far each has been handled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.db.bookmarks import Place
from shared.stream.records import Partition, Records, Run


def place_of(partition: Partition) -> Place:
    """Return the bookmark's place of a partition."""
    return partition.topic, partition.number


@dataclass
class _Held:
    epoch: int
    position: int = 0
    is_unsaved: bool = False


class Tenure:
    """The partitions of one worker; `generation` changes whenever any comes or goes.

    Records polled before a change and handled after it would be out of order or not ours: `keep`
    drops them, and the position that the change set brings them again.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.unsaved_records = 0
        self._held: dict[Partition, _Held] = {}

    @property
    def partitions(self) -> list[Partition]:
        return sorted(self._held)

    def take(self, epochs: Mapping[Partition, int], positions: Mapping[Partition, int]) -> None:
        """Hold partitions under their epochs, from the given positions on."""
        self.generation += 1
        for partition, epoch in epochs.items():
            self._held[partition] = _Held(epoch, positions.get(partition, 0))

    def drop(self, partitions: Iterable[Partition]) -> list[Partition]:
        """Let partitions go; return those that were held."""
        self.generation += 1
        gone = [p for p in partitions if self._held.pop(p, None) is not None]
        if not self._held:
            self.unsaved_records = 0
        return gone

    def keep(self, records: Records, generation: int) -> Records:
        """Return what is still ours to handle, in order and never twice."""
        if generation != self.generation:
            return Records()
        runs = records.runs
        if all(self._fits(run) for run in runs):
            return records
        return Records(cut for run in runs if (cut := self._cut(run)))

    def _fits(self, run: Run) -> bool:
        held = self._held.get(run.partition)
        return held is not None and run.raw[0].offset >= held.position

    def _cut(self, run: Run) -> Run | None:
        held = self._held.get(run.partition)
        if held is None:
            return None
        fresh = [each for each in run.raw if each.offset >= held.position]
        return Run(run.partition, fresh) if fresh else None

    def handled(self, records: Records) -> None:
        """Move the positions past these records; they are not saved yet."""
        for partition, next_offset in records.next_offsets().items():
            held = self._held.get(partition)
            if held is not None:  # None: revoked while the batch was in work
                held.position = next_offset
                held.is_unsaved = True
        self.unsaved_records += len(records)

    def unsaved(self, among: Iterable[Partition] | None = None) -> dict[Partition, int]:
        """Return the next offsets that a save would store."""
        asked = self._held.keys() if among is None else set(among)
        return {p: h.position for p, h in self._held.items() if h.is_unsaved and p in asked}

    def epochs(self, partitions: Iterable[Partition]) -> dict[Place, int]:
        return {place_of(p): self._held[p].epoch for p in partitions}

    def saved(self, offsets: Mapping[Partition, int]) -> None:
        """Note what a save has stored."""
        for partition, offset in offsets.items():
            held = self._held.get(partition)
            if held is not None and held.position == offset:
                held.is_unsaved = False
        if not self.unsaved():
            self.unsaved_records = 0
