"""A consumer with explicit settings, whose partitions come and go through an `Ownership`."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from shared.contracts.topics import Topic
from shared.kernel.errors import ConfigError, UnavailableError
from shared.observability.logging import get_logger
from shared.stream.kafka.errors import translate
from shared.stream.kafka.lean import LEAN, install
from shared.stream.kafka.retry import connect
from shared.stream.ports import Ownership
from shared.stream.records import Partition, Records, Run

log = get_logger("stream.kafka")
_STOP_TIMEOUT_S = 15.0
_ENOUGH_BYTES = 128 * 1024  # ends a fetch at once: a worker that is behind never waits for more


class KafkaSource:
    """Topics of one broker, read as a member of `group`, or all partitions when it is None.

    `instance` makes the membership static: a restart takes its partitions back at once, where a
    killed dynamic member blocks them for the session time-out. `prefix` isolates tests. A fetch
    that found little waits up to `gather_s` for more, so that a steady trickle costs one round in
    that time instead of one a record; 0 hands out the first record at once.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topics: Sequence[Topic],
        *,
        group: str | None,
        instance: str | None = None,
        prefix: str = "",
        gather_s: float = 0.0,
        session_timeout_s: float = 45.0,
        start_timeout_s: float = 120.0,
    ) -> None:
        install()
        self._servers = bootstrap_servers
        self._topics = [topic.name for topic in topics]
        self._group = None if group is None else prefix + group
        self._instance = instance
        self._prefix = prefix
        self._gather_s = gather_s
        self._session_timeout_s = session_timeout_s
        self._start_timeout_s = start_timeout_s
        self._consumer: AIOKafkaConsumer | None = None
        self._ownership: Ownership | None = None
        self._names: dict[TopicPartition, Partition] = {}
        self._since: dict[TopicPartition, float] = {}
        self._failure: Exception | None = None
        # Set while partitions are ours and positioned: the client hands records out before that.
        self._settled = asyncio.Event()

    # --- life -----------------------------------------------------------------------------------

    async def start(self, ownership: Ownership) -> None:
        """Connect, join and take over partitions; retried while the broker is away.

        Raises:
            ConfigError: the broker refuses us.
            UnavailableError: it did not answer in `start_timeout_s`.
        """
        self._ownership = ownership
        self._failure = None
        self._settled.clear()
        self._consumer = await connect(self._make, self._start_timeout_s, self.adopt)
        if self._group is None:
            await self.took(sorted(self._consumer.assignment()))
        await self._wait_settled(self._start_timeout_s)
        self._raise_failure()

    def _make(self) -> AIOKafkaConsumer:
        in_group = self._group is not None
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            client_id=f"lantern-{self._group or 'reader'}-{self._instance or 'dynamic'}",
            group_id=self._group,
            group_instance_id=f"{self._group}-{self._instance}" if self._instance else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=int(self._session_timeout_s * 1000),
            heartbeat_interval_ms=int(min(5.0, self._session_timeout_s / 4) * 1000),
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=300_000,
            **_fetching(self._gather_s),
            max_partition_fetch_bytes=1 << 20,
            request_timeout_ms=40_000,
            retry_backoff_ms=100,
            metadata_max_age_ms=60_000,
            value_deserializer=LEAN,
        )
        names = [self._prefix + name for name in self._topics]
        consumer.subscribe(topics=names, listener=_Listener(self) if in_group else None)
        return consumer

    async def stop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is None:
            return
        try:
            await asyncio.wait_for(consumer.stop(), _STOP_TIMEOUT_S)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("kafka.stop_failed", detail=f"{type(error).__name__}: {error}")
        self._names.clear()
        self._since.clear()

    # --- reading --------------------------------------------------------------------------------

    async def poll(self, timeout_s: float, max_records: int) -> Records:
        self._raise_failure()
        if not await self._wait_settled(timeout_s):
            return Records()
        consumer = self._live()
        try:
            batches: dict[TopicPartition, list[Any]] = await consumer.getmany(
                timeout_ms=int(timeout_s * 1000), max_records=max_records
            )
        except KafkaError as error:
            raise translate(error) from error
        self._raise_failure()
        if not self._settled.is_set():  # a rebalance began meanwhile: these will come again
            return Records()
        return Records(Run(self._named(tp), raw) for tp, raw in batches.items())

    async def _wait_settled(self, timeout_s: float) -> bool:
        if not self._settled.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), timeout_s)
        return self._settled.is_set()

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        """Commit what is still assigned; a lost group or broker is for the next round to notice."""
        consumer = self._live()
        assigned = consumer.assignment()
        offsets = {
            tp: offset
            for partition, offset in next_offsets.items()
            if (tp := self._wire(partition)) in assigned
        }
        if not offsets or self._group is None:
            return
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("kafka.commit_lost", group=self._group, detail=str(error))
        except KafkaError as error:
            log.warning("kafka.commit_failed", group=self._group, detail=str(error))

    async def seek(self, partition: Partition, offset: int) -> None:
        self._live().seek(self._wire(partition), offset)

    def pause(self, partitions: Sequence[Partition]) -> None:
        self._live().pause(*self._assigned(partitions))

    def resume(self, partitions: Sequence[Partition]) -> None:
        self._live().resume(*self._assigned(partitions))

    def _assigned(self, partitions: Sequence[Partition]) -> list[TopicPartition]:
        assigned = self._live().assignment()
        return [tp for partition in partitions if (tp := self._wire(partition)) in assigned]

    # --- knowing --------------------------------------------------------------------------------

    def lag(self) -> Mapping[Partition, int]:
        consumer = self._consumer
        if consumer is None:
            return {}
        positions = self.positions()
        return {
            (p := self._named(tp)): max(0, (consumer.highwater(tp) or 0) - positions[p])
            if p in positions
            else 0
            for tp in consumer.assignment()
        }

    def positions(self) -> Mapping[Partition, int]:
        consumer = self._consumer
        subscription = consumer._subscription.subscription if consumer else None  # noqa: SLF001 - `position()` may block
        if subscription is None or subscription.assignment is None:
            return {}
        states = {tp: subscription.assignment.state_value(tp) for tp in subscription.assignment.tps}
        return {
            self._named(tp): state.position
            for tp, state in states.items()
            if state.has_valid_position
        }

    async def ends(self) -> Mapping[Partition, int]:
        consumer = self._live()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
        except KafkaError as error:
            raise translate(error) from error
        return {self._named(tp): offset for tp, offset in ends.items()}

    def silence_s(self) -> float:
        consumer = self._consumer
        if consumer is None:
            return 0.0
        asked = consumer.assignment() - consumer.paused()
        wall_ms = time.time() * 1000  # noqa: TID251 - the client stamps its answers with this clock
        now = time.monotonic()
        ages = [
            (wall_ms - answered) / 1000
            if (answered := consumer.last_poll_timestamp(tp))
            else now - self._since.setdefault(tp, now)
            for tp in asked
        ]
        return max(ages, default=0.0)

    # --- partitions come and go -----------------------------------------------------------------

    async def took(self, assigned: Sequence[TopicPartition]) -> None:
        """Let the owner load its state, then read on exactly from where it says."""
        now = time.monotonic()
        self._since = dict.fromkeys(assigned, now)
        try:
            if self._ownership is not None and assigned:
                stored = await self._ownership.assigned([self._named(tp) for tp in assigned])
                await self._position(assigned, stored)
        except Exception as error:  # noqa: BLE001 - the client would only swallow it
            self._keep(error)
        self._settled.set()

    async def _position(
        self, assigned: Sequence[TopicPartition], stored: Mapping[Partition, int]
    ) -> None:
        """Seek every partition: records may have been handed out before the owner was ready."""
        consumer = self._live()
        begins = await consumer.beginning_offsets(list(assigned))
        ends = await consumer.end_offsets(list(assigned))
        for tp in assigned:
            wanted = stored.get(self._named(tp))
            if wanted is None and self._group is not None:
                wanted = await consumer.committed(tp)
            if wanted is None:
                wanted = begins[tp]
            if wanted > ends[tp]:
                raise ConfigError(
                    f"topic {tp.topic}",
                    f"partition {tp.partition} ends at {ends[tp]}, but {wanted} records of it have "
                    "been handled: the topic was made anew and the database was not. Restore the "
                    "broker's data, or empty the database as well",
                )
            if wanted < begins[tp]:
                log.error(
                    "kafka.records_expired", topic=tp.topic, partition=tp.partition,
                    lost=begins[tp] - wanted,
                )  # fmt: skip
                wanted = begins[tp]
            if tp in consumer.assignment():
                consumer.seek(tp, wanted)

    async def gave(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the owner drain what it is about to lose."""
        self._settled.clear()
        if self._ownership is not None and revoked:
            try:
                await self._ownership.revoked([self._named(tp) for tp in revoked])
            except Exception as error:  # noqa: BLE001 - the client would only swallow it
                self._keep(error)

    # --- small parts ----------------------------------------------------------------------------

    def _live(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise UnavailableError("kafka: the consumer is not started")
        return self._consumer

    def adopt(self, consumer: AIOKafkaConsumer) -> None:
        """Know the client before its `start` returns, since it already hands out partitions."""
        self._consumer = consumer

    def _keep(self, error: Exception) -> None:
        """Keep the first failure of a hand-over: `start` or the next `poll` raises it."""
        failure = translate(error) if isinstance(error, KafkaError | OSError) else error
        self._failure = self._failure or failure

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _named(self, tp: TopicPartition) -> Partition:
        named = self._names.get(tp)
        if named is None:
            named = Partition(tp.topic.removeprefix(self._prefix), tp.partition)
            self._names[tp] = named
        return named

    def _wire(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self._prefix + partition.topic, partition.number)


def _fetching(gather_s: float) -> dict[str, int]:
    """Return how much ends a fetch, and how long it waits for that."""
    if not gather_s:
        return {"fetch_min_bytes": 1, "fetch_max_wait_ms": 500}
    wait_ms = max(1, round(gather_s * 1000))
    return {"fetch_min_bytes": _ENOUGH_BYTES, "fetch_max_wait_ms": wait_ms}


class _Listener(ConsumerRebalanceListener):
    """aiokafka only logs what a listener raises: the source keeps it for the next poll."""

    def __init__(self, source: KafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._source.gave(sorted(revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._source.took(sorted(assigned))
