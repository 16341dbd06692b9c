"""The door to the broker: nothing else in the project imports aiokafka."""

import importlib

from shared.kernel.errors import ConfigError
from shared.stream.kafka.admin import create_topics, declare_topics, wait_until_serving
from shared.stream.kafka.sink import KafkaSink
from shared.stream.kafka.source import KafkaSource

__all__ = [
    "KafkaSink",
    "KafkaSource",
    "create_topics",
    "declare_topics",
    "require_extension",
    "wait_until_serving",
]


def require_extension() -> None:
    """Refuse the pure-Python record parser, which is some twenty times slower (aiokafka #913).

    Raises:
        ConfigError: the compiled extension is missing.
    """
    try:
        importlib.import_module("aiokafka.record._crecords.default_records")
    except ImportError as error:
        raise ConfigError(
            "aiokafka", f"its compiled extension is missing ({error}); install a binary wheel"
        ) from error


require_extension()
