"""A producer that is told whole batches: grouped by partition, acknowledged by all replicas.

Publishing record by record costs aiokafka a future each; a batch a partition reaches several
hundred thousand small records a second. Calls that come during a flush share the next one.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from contextvars import Context

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.kernel.errors import ConfigError, LanternError, UnavailableError
from shared.observability.logging import get_logger
from shared.stream.kafka.errors import translate
from shared.stream.kafka.retry import connect
from shared.stream.partitioner import Partitioner
from shared.stream.records import Outgoing

log = get_logger("stream.kafka")
_BATCH_BYTES = 512 * 1024  # below the broker's max.message.bytes of 1 MiB
RECORD_BYTES = 1_000_000  # of one record, which fills a batch alone; leaves room for the framing
_STOP_TIMEOUT_S = 15.0
_ATTEMPT_PAUSE_S = 0.25
_Call = tuple[Sequence[Outgoing], "asyncio.Future[None]"]


class RecordTooLargeError(LanternError):
    """A record that the broker would never take: its maker must make it smaller."""


class KafkaSink:
    """One idempotent producer; after any failure it is made anew, since its sequence is broken.

    `delivery_timeout_s` bounds a publish, retries included; what was delivered before a failure may
    be delivered twice, and readers know it by its id.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        *,
        prefix: str = "",
        client_id: str = "lantern",
        delivery_timeout_s: float = 120.0,
        start_timeout_s: float = 120.0,
    ) -> None:
        self._servers = bootstrap_servers
        self._prefix = prefix
        self._client_id = client_id
        self._delivery_timeout_s = delivery_timeout_s
        self._start_timeout_s = start_timeout_s
        self._partition_of = Partitioner()
        self._producer: AIOKafkaProducer | None = None
        self._waiting: list[_Call] = []
        self._flusher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._producer = await connect(self._make, self._start_timeout_s)

    async def stop(self) -> None:
        if self._flusher is not None:
            await asyncio.wait({self._flusher}, timeout=_STOP_TIMEOUT_S)
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    def _make(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",  # aiokafka's lz4 takes 7 times as long and packs a third less
            linger_ms=5,
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=int(min(30.0, self._delivery_timeout_s) * 1000),
            metadata_max_age_ms=60_000,
        )

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        """Return once the broker has acknowledged all.

        Raises:
            UnavailableError: it did not within `delivery_timeout_s`.
            ConfigError: it refuses us.
            RecordTooLargeError: nothing of this call was sent, and no other call is touched.
        """
        if not outgoing:
            return
        _check_sizes(outgoing)
        call = asyncio.get_running_loop().create_future()
        self._waiting.append((outgoing, call))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(
                self._flush_all(), name="kafka-sink", context=Context()
            )  # a flush is of many calls: it logs under the trace of none
        await call

    async def _flush_all(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting, []
            failure: LanternError | None = None
            try:
                await self._deliver([each for outgoing, _ in calls for each in outgoing])
            except LanternError as error:
                failure = error
            except BaseException as error:
                for _, call in calls:
                    call.cancel() if isinstance(error, asyncio.CancelledError) else _fail(
                        call, error
                    )
                raise
            for _, call in calls:
                if failure is not None:
                    _fail(call, failure)
                elif not call.done():
                    call.set_result(None)

    async def _deliver(self, outgoing: Sequence[Outgoing]) -> None:
        """Try until the deadline, with a new producer after each failure."""
        deadline = time.monotonic() + self._delivery_timeout_s
        while True:
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await self._attempt(outgoing)
            except (KafkaError, OSError, TimeoutError) as error:
                await self._discard()
                failure = translate(error)
                if isinstance(failure, ConfigError):
                    raise failure from error
                if time.monotonic() + _ATTEMPT_PAUSE_S >= deadline:
                    raise UnavailableError(f"not acknowledged: {failure}") from error
                log.warning("kafka.publish_retry", detail=str(failure))
                await asyncio.sleep(_ATTEMPT_PAUSE_S)
            else:
                return

    async def _attempt(self, outgoing: Sequence[Outgoing]) -> None:
        if self._producer is None:
            self._producer = await connect(self._make, self._delivery_timeout_s)
        producer = self._producer
        stamp = int(time.time() * 1000)  # noqa: TID251 - the record's create time, as the client sets it
        by_partition = await self._grouped(producer, outgoing)
        sends = [_send(producer, place, records, stamp) for place, records in by_partition.items()]
        await _all(sends)

    async def _grouped(
        self, producer: AIOKafkaProducer, outgoing: Sequence[Outgoing]
    ) -> dict[tuple[str, int], list[Outgoing]]:
        counts: dict[str, int] = {}
        grouped: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        for each in outgoing:
            topic = each.topic
            count = counts.get(topic)
            if count is None:
                count = len(await producer.partitions_for(self._prefix + topic))
                counts[topic] = count
            number = each.partition
            if number is None:
                number = self._partition_of(each.key or b"", count)
            elif number >= count:
                raise ConfigError(f"topic {topic}", f"has no partition {number}")
            grouped[self._prefix + topic, number].append(each)
        return grouped

    async def _discard(self) -> None:
        """Close a broken producer at once; what it still holds is sent again by the next one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)


def _check_sizes(outgoing: Sequence[Outgoing]) -> None:
    for each in outgoing:
        size = len(each.key or b"") + len(each.value or b"")
        if each.headers:
            size += sum(len(name) + len(value or b"") for name, value in each.headers)
        if size > RECORD_BYTES:
            raise RecordTooLargeError(
                f"topic {each.topic}: a record of {size} bytes, of which {RECORD_BYTES} are allowed"
            )


async def _send(
    producer: AIOKafkaProducer, place: tuple[str, int], records: Sequence[Outgoing], stamp: int
) -> None:
    """Fill batches and wait until the broker has acknowledged each."""
    topic, number = place
    acknowledgements = []
    batch = producer.create_batch()
    append = batch.append
    for each in records:
        headers = list(each.headers) if each.headers else _NO_HEADERS
        if append(timestamp=stamp, key=each.key, value=each.value, headers=headers) is not None:
            continue
        acknowledgements.append(await producer.send_batch(batch, topic, partition=number))
        batch = producer.create_batch()
        append = batch.append
        append(timestamp=stamp, key=each.key, value=each.value, headers=headers)  # the first fits
    batch.close()  # a closed batch does not linger
    acknowledgements.append(await producer.send_batch(batch, topic, partition=number))
    await asyncio.gather(*acknowledgements)


_NO_HEADERS: list[tuple[str, bytes]] = []


def _fail(call: "asyncio.Future[None]", error: BaseException) -> None:
    if not call.done():
        call.set_exception(error)


async def _all(sends: Sequence[Coroutine[None, None, None]]) -> None:
    """Run all; when one fails the others are cancelled, not left behind."""
    tasks = [asyncio.ensure_future(send) for send in sends]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Close without the flush of `stop`, which waits for batches that nobody will acknowledge."""
    producer._closed = True  # noqa: SLF001 - else its finaliser warns
    with suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(producer.client.close(), _STOP_TIMEOUT_S)
    sender = producer._sender.sender_task  # noqa: SLF001 - `stop` would flush first
    if sender is not None:
        sender.cancel()
        await asyncio.wait({sender}, timeout=_STOP_TIMEOUT_S)


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(producer.stop(), _STOP_TIMEOUT_S)
