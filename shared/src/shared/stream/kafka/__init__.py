"""The door to the broker: nothing else in the project imports aiokafka."""

from shared.stream.kafka.admin import create_topics, wait_until_serving

__all__ = ["create_topics", "wait_until_serving"]
