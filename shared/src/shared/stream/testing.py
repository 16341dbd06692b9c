"""A broker in memory, with partitions, groups and offsets; it passes the suite of the real one.

broker = FakeBroker(partitions=4)
source = FakeSource(broker, [CAMPUS_EVENTS], group="lantern.features.v1")
sink = FakeSink(broker)
broker.append(Outgoing("campus.events.v1", b"p1:...", b"{...}"))
worker = Worker(source=source, sink=sink, ...)
await worker.start(); await worker.run_once(); broker.records("student.features.v1")
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import cycle

from shared.contracts.topics import Topic
from shared.kernel.errors import UnavailableError
from shared.stream.partitioner import partition_for
from shared.stream.ports import Ownership
from shared.stream.records import Outgoing, Partition, Record, Records, Run


class FakeBroker:
    """Logs by partition, and groups whose partitions move when members come and go."""

    def __init__(self, partitions: int = 4, *, feed_partitions: int = 1) -> None:
        self.is_away = False
        self.commits: dict[str, dict[Partition, int]] = defaultdict(dict)
        self._partitions = partitions
        self._feed_partitions = feed_partitions
        self._logs: dict[Partition, list[Record]] = defaultdict(list)
        self._members: dict[str, list[FakeSource]] = defaultdict(list)
        self._arrived = asyncio.Event()

    def partitions_of(self, topic: str) -> list[Partition]:
        """Return a topic's partitions: student-keyed ones agree, feed-keyed ones have one."""
        is_by_feed = topic.startswith(("feeds.", "campus.events.dead"))
        count = self._feed_partitions if is_by_feed else self._partitions
        return [Partition(topic, number) for number in range(count)]

    def append(self, *outgoing: Outgoing) -> None:
        """Put records at the end of their partitions."""
        for each in outgoing:
            places = self.partitions_of(each.topic)
            number = each.partition
            if number is None:
                number = partition_for(each.key or b"", len(places))
            log = self._logs[places[number]]
            stamp = len(log) + 1
            log.append(Record(places[number], len(log), each.key, each.value, stamp, each.headers))
        self._arrived.set()

    def records(self, topic: str) -> list[Record]:
        """Return all records of a topic, partition by partition."""
        return [record for place in self.partitions_of(topic) for record in self._logs[place]]

    def values(self, topic: str) -> list[bytes]:
        """Return the values of a topic, partition by partition, without tombstones."""
        return [record.value for record in self.records(topic) if record.value is not None]

    def end(self, partition: Partition) -> int:
        return len(self._logs[partition])

    def read(self, partition: Partition, offset: int, limit: int) -> list[Record]:
        return self._logs[partition][offset : offset + limit]

    async def wait(self, timeout_s: float) -> None:
        """Return when a record arrives, at the latest after a short real time."""
        self._arrived.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), min(timeout_s, 0.02))

    async def join(self, source: "FakeSource") -> None:
        members = self._members[source.group or f"alone-{id(source)}"]
        await self._rebalance(members, [*members, source])

    async def leave(self, source: "FakeSource") -> None:
        members = self._members[source.group or f"alone-{id(source)}"]
        if source in members:
            source.owned.clear()  # a member that leaves has drained on its own
            await self._rebalance(members, [each for each in members if each is not source])

    async def expel(self, source: "FakeSource") -> None:
        """Give a member's partitions to the others without telling it: a zombie is born."""
        members = self._members[source.group or ""]
        left = [each for each in members if each is not source]
        members[:] = left
        await self._rebalance(members, left)

    async def _rebalance(self, members: "list[FakeSource]", now: "list[FakeSource]") -> None:
        """All partitions are revoked, then dealt anew, as aiokafka's groups do."""
        for member in [each for each in members if each in now]:
            await member.lose(sorted(member.owned))
        members[:] = now
        dealt: dict[int, list[Partition]] = defaultdict(list)
        topics = {topic for member in now for topic in member.topics}
        for topic in sorted(topics):
            takers = cycle([each for each in now if topic in each.topics])
            for place in self.partitions_of(topic):
                dealt[id(next(takers))].append(place)
        for member in now:
            await member.gain(dealt[id(member)])


class FakeSource:
    """A member of a group on a `FakeBroker`, or a reader of all partitions without one."""

    def __init__(
        self, broker: FakeBroker, topics: Iterable[Topic], *, group: str | None = "test"
    ) -> None:
        self.topics = [topic.name for topic in topics]
        self.group = group
        self.owned: dict[Partition, int] = {}
        self.silence = 0.0
        self.is_stuck = False
        self.starts = 0
        self.paused: set[Partition] = set()
        self._broker = broker
        self._ownership: Ownership | None = None

    async def start(self, ownership: Ownership) -> None:
        self.starts += 1
        if self._broker.is_away:
            raise UnavailableError("kafka: the fake broker is away")
        self._ownership = ownership
        await self._broker.join(self)

    async def gain(self, partitions: Sequence[Partition]) -> None:
        """Take partitions over, where the owner says or the group left off."""
        if self._ownership is None or not partitions:
            return
        committed = self._broker.commits[self.group or ""] if self.group else {}
        self.owned = {place: committed.get(place, 0) for place in partitions}
        self.owned |= await self._ownership.assigned(list(partitions))

    async def lose(self, partitions: Sequence[Partition]) -> None:
        """Let partitions go, after the owner drained."""
        if self._ownership is not None and partitions:
            await self._ownership.revoked(list(partitions))
        self.owned.clear()
        self.paused.clear()

    async def poll(self, timeout_s: float, max_records: int) -> Records:
        records = self._take(max_records)
        if not records and timeout_s > 0:
            await self._broker.wait(timeout_s)
            records = self._take(max_records)
        await asyncio.sleep(0)
        return records

    def _take(self, limit: int) -> Records:
        runs = []
        if self._broker.is_away or self.is_stuck:
            return Records()
        for place in sorted(self.owned):
            if limit <= 0 or place in self.paused:
                continue
            found = self._broker.read(place, self.owned[place], limit)
            if found:
                runs.append(Run(place, found))
                self.owned[place] = found[-1].offset + 1
                limit -= len(found)
        return Records(runs)

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        if self.group and not self._broker.is_away:
            mine = {place: n for place, n in next_offsets.items() if place in self.owned}
            self._broker.commits[self.group].update(mine)

    async def seek(self, partition: Partition, offset: int) -> None:
        self.owned[partition] = offset

    def pause(self, partitions: Sequence[Partition]) -> None:
        self.paused |= {place for place in partitions if place in self.owned}

    def resume(self, partitions: Sequence[Partition]) -> None:
        self.paused -= set(partitions)

    def lag(self) -> Mapping[Partition, int]:
        return {place: self._broker.end(place) - at for place, at in self.owned.items()}

    def positions(self) -> Mapping[Partition, int]:
        return dict(self.owned)

    async def ends(self) -> Mapping[Partition, int]:
        return {place: self._broker.end(place) for place in self.owned}

    def silence_s(self) -> float:
        return self.silence

    async def stop(self) -> None:
        await self._broker.leave(self)
        self._ownership = None


class FakeSink:
    """Publishes to a `FakeBroker`; `fail_next` refuses that many calls, as if not acknowledged."""

    def __init__(self, broker: FakeBroker) -> None:
        self.fail_next = 0
        self._broker = broker

    async def start(self) -> None:
        if self._broker.is_away:
            raise UnavailableError("kafka: the fake broker is away")

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0)
        if self._broker.is_away or self.fail_next > 0:
            self.fail_next -= 1
            raise UnavailableError("kafka: not acknowledged")
        self._broker.append(*outgoing)

    async def stop(self) -> None: ...
