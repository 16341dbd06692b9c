"""Topics are made from their declarations, once; a broker serves when it answers metadata."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError

from shared.contracts.topics import TOPICS, Topic
from shared.kernel.errors import ConfigError, UnavailableError
from shared.settings import CommonSettings
from shared.stream.kafka.errors import translate

_PAUSE_S = 0.25
_PROPAGATION_TRIES = 40
_CONFIGURATION_ERRORS = (37, 38, 39, 40)  # partitions, replication factor, assignment, settings


async def wait_until_serving(
    bootstrap_servers: str, timeout_s: float, *, is_alive: Callable[[], bool] = lambda: True
) -> None:
    """Return once the broker answers a metadata request.

    Raises:
        UnavailableError: it did not within `timeout_s`, or `is_alive` says that it never will.
    """
    deadline = time.monotonic() + timeout_s
    while not await _serves(bootstrap_servers):
        if not is_alive():
            raise UnavailableError("Apache Kafka ended while it started")
        if time.monotonic() > deadline:
            raise UnavailableError(
                f"no Apache Kafka answered on {bootstrap_servers} in {timeout_s:g} s"
            )
        await asyncio.sleep(_PAUSE_S)


async def _serves(bootstrap_servers: str) -> bool:
    if not await _listens(
        bootstrap_servers
    ):  # asked first: the client logs each failure as an error
        return False
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=3_000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    else:
        return bool(cluster["brokers"])
    finally:
        with suppress(KafkaError, OSError):
            await admin.close()


async def _listens(bootstrap_servers: str) -> bool:
    for address in bootstrap_servers.split(","):
        host, _, port = address.strip().rpartition(":")
        with suppress(OSError, TimeoutError):
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 3.0)
            writer.close()
            await writer.wait_closed()
            return True
    return False


async def declare_topics(settings: CommonSettings) -> None:
    """Make the topics of an installation that are missing; see `create_topics`."""
    await create_topics(
        settings.kafka_bootstrap_servers,
        partitions=settings.partitions,
        replication=settings.replication,
        prefix=settings.topic_prefix,
    )


async def create_topics(
    bootstrap_servers: str,
    *,
    partitions: int = 12,
    replication: int = 1,
    prefix: str = "",
    topics: Sequence[Topic] = TOPICS,
) -> None:
    """Make the topics that are missing; what exists is checked, never changed.

    Raises:
        ConfigError: a student-keyed topic exists with another number of partitions, so that a
            student's events, vectors and assessments would no longer stay together.
        UnavailableError: the broker is away.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=20_000)
    try:
        await admin.start()
        await _create(admin, [_new_topic(t, prefix, partitions, replication) for t in topics])
        await _check(admin, [prefix + t.name for t in topics if t.is_student_keyed], partitions)
    except (KafkaError, OSError) as error:
        raise translate(error) from error
    finally:
        with suppress(KafkaError, OSError):
            await admin.close()


def _new_topic(topic: Topic, prefix: str, partitions: int, replication: int) -> NewTopic:
    settings = {
        "cleanup.policy": topic.cleanup,
        "message.timestamp.type": "CreateTime",
        "min.insync.replicas": str(max(1, replication - 1)),
        "retention.ms": str(topic.retention_ms),
    }
    if "compact" in topic.cleanup:
        settings |= {"min.cleanable.dirty.ratio": "0.1", "segment.bytes": str(64 * 1024 * 1024)}
    return NewTopic(
        name=prefix + topic.name,
        num_partitions=partitions if topic.is_student_keyed else 1,
        replication_factor=replication,
        topic_configs=settings,
    )


async def _create(admin: AIOKafkaAdminClient, wanted: Sequence[NewTopic]) -> None:
    existing = set(await admin.list_topics())
    missing = [topic for topic in wanted if topic.name not in existing]
    if not missing:
        return
    response: Any = await admin.create_topics(missing)
    for name, code, *rest in response.topic_errors:
        if code in (0, TopicAlreadyExistsError.errno):
            continue
        message = str(rest[0]) if rest else f"error {code}"
        if code in _CONFIGURATION_ERRORS:
            raise ConfigError(f"topic {name}", message)
        raise KafkaConnectionError(f"topic {name}: {message}")


async def _check(admin: AIOKafkaAdminClient, names: Sequence[str], partitions: int) -> None:
    for name, found in (await _partition_counts(admin, names)).items():
        if found != partitions:
            raise ConfigError(
                f"topic {name}",
                f"has {found} partitions where LANTERN_PARTITIONS says {partitions}; student-keyed "
                "topics must agree: set it to that number, or start with a new topic prefix",
            )


async def _partition_counts(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """Return each topic's partitions; a topic made a moment ago is waited for."""
    for _ in range(_PROPAGATION_TRIES):
        described = await admin.describe_topics(list(names)) if names else []
        counts = {each["topic"]: len(each["partitions"]) for each in described}
        if all(counts.values()):
            return counts
        await asyncio.sleep(_PAUSE_S)
    raise UnavailableError("kafka: topics were made but the broker does not list them yet")
