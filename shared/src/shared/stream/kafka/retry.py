"""Connecting, again and again while the broker is away, and never leaving a client open."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from shared.kernel.errors import ConfigError
from shared.observability.logging import get_logger
from shared.stream.kafka.errors import translate

log = get_logger("stream.kafka")
Client = TypeVar("Client", bound=Any)
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


async def connect(
    make: Callable[[], Client],
    timeout_s: float,
    adopt: Callable[[Client], None] = lambda _client: None,
) -> Client:
    """Make and start a client; a failed one is closed, and a new one tried after a pause.

    Raises:
        ConfigError: the broker refuses us; no retry mends that.
        UnavailableError: it did not answer in `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while True:
        client = make()
        adopt(client)
        try:
            await client.start()
        except (KafkaError, OSError) as error:
            await _close(client)
            failure = translate(error)
            if isinstance(failure, ConfigError) or time.monotonic() >= deadline:
                raise failure from error
            log.warning("kafka.away", detail=str(failure), retry_in_s=round(pause_s, 1))
        except BaseException:
            await _close(client)
            raise
        else:
            return client
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _close(client: Any) -> None:  # noqa: ANN401 - consumer or producer
    with suppress(KafkaError, OSError):
        await client.stop()
