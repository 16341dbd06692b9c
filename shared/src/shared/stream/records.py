"""The values of the stream: small, frozen, and cheap enough for a hundred thousand a second."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, overload

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, order=True, slots=True)
class Partition:
    """One partition of a topic."""

    topic: str
    number: int


class Record(Struct, frozen=True, gc=False):
    """One record as it came; `timestamp_ms` is the broker's append or create time."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int = 0
    headers: Headers = ()


class Outgoing(Struct, frozen=True, gc=False):
    """One record to publish; without `partition` the key decides (murmur2, as all clients do)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class Run:
    """Consecutive records of one partition, as columns; what hot workers read.

    `raw` holds the client's own objects, which have `offset`, `key`, `value`, `timestamp_ms` (or
    `timestamp`) and `headers`; `records()` turns them into `Record` values.
    """

    __slots__ = ("partition", "raw")

    def __init__(self, partition: Partition, raw: Sequence[Any]) -> None:
        self.partition = partition
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def values(self) -> list[bytes | None]:
        return [each.value for each in self.raw]

    @property
    def keys(self) -> list[bytes | None]:
        return [each.key for each in self.raw]

    @property
    def offsets(self) -> list[int]:
        """The offsets; not always consecutive (compaction and transactions leave gaps)."""
        return [each.offset for each in self.raw]

    @property
    def next_offset(self) -> int:
        """Where reading goes on after this run."""
        return int(self.raw[-1].offset) + 1

    def record(self, index: int) -> Record:
        """Return one row as a record, for a dead letter or a log line."""
        return self._record(self.raw[index])

    def records(self) -> Iterator[Record]:
        return map(self._record, self.raw)

    def _record(self, each: Any) -> Record:  # noqa: ANN401 - the client's own type
        if type(each) is Record:
            return each
        return Record(
            self.partition, each.offset, each.key, each.value, each.timestamp, tuple(each.headers)
        )


class Records(Sequence[Record]):
    """What one poll returned: runs, each of one partition and in order."""

    __slots__ = ("_flat", "runs")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self.runs = tuple(runs)
        self._flat: list[Record] | None = None

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Records":
        """Build from single records, keeping their order."""
        grouped = groupby(records, key=attrgetter("partition"))
        return cls(Run(partition, list(each)) for partition, each in grouped)

    def __len__(self) -> int:
        return sum(map(len, self.runs))

    def __iter__(self) -> Iterator[Record]:
        return chain.from_iterable(run.records() for run in self.runs)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if self._flat is None:
            self._flat = list(self)
        return self._flat[index]

    def next_offsets(self) -> dict[Partition, int]:
        """Return where reading goes on in each partition once this is handled."""
        return {run.partition: run.next_offset for run in self.runs}


NO_RECORDS = Records()
