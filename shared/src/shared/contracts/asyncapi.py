"""The AsyncAPI 3.0 document and the JSON Schemas, generated from the topics and their types."""

import typing
from typing import Any

import msgspec

from shared.contracts.topics import TOPICS, Topic

_SCHEMAS = "#/components/schemas/{name}"


def message_types(topic: Topic) -> tuple[Any, ...]:
    """Return the message types of a topic, one or the members of its union."""
    return typing.get_args(topic.message) or (topic.message,)


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of every contract type by its name."""
    kinds = [kind for topic in TOPICS for kind in message_types(topic)]
    _, components = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS)
    return dict(sorted(components.items()))


def document() -> dict[str, Any]:
    """Return the AsyncAPI document: a channel a topic, an operation a writer and a reader."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lantern topics",
            "version": "1.0.0",
            "description": "Kafka topics in the order of flow. Values are JSON; student-keyed "
            "topics share partition count and partitioner (murmur2 of the key).",
        },
        "defaultContentType": "application/json",
        "channels": {_id(topic): _channel(topic) for topic in TOPICS},
        "operations": {name: body for topic in TOPICS for name, body in _operations(topic)},
        "components": {"schemas": schemas(), "messages": _messages()},
    }


def _id(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _channel(topic: Topic) -> dict[str, Any]:
    names = [kind.__name__ for kind in message_types(topic)]
    return {
        "address": topic.name,
        "description": f"key: {topic.key}; cleanup: {topic.cleanup}; "
        f"retention_ms: {topic.retention_ms}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": topic.cleanup.split(","),
                    "retention.ms": topic.retention_ms,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{_id(topic)}"}
    sends = [
        (f"{s}-sends-{_id(topic)}", {"action": "send", "channel": channel}) for s in topic.writers
    ]
    takes = [
        (f"{s}-receives-{_id(topic)}", {"action": "receive", "channel": channel})
        for s in topic.readers
    ]
    return sends + takes


def _messages() -> dict[str, dict[str, Any]]:
    kinds = {kind.__name__: (topic, kind) for topic in TOPICS for kind in message_types(topic)}
    return {
        name: {
            "name": str(kind.__struct_config__.tag or name),
            "summary": (kind.__doc__ or "").strip().split("\n")[0],
            "payload": {"$ref": _SCHEMAS.format(name=name)},
        }
        for name, (_topic, kind) in sorted(kinds.items())
    }
