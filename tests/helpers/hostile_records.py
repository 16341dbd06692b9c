"""Hostile records for any topic: bytes that are no document, and documents changed field by field.

Nobody who keeps to the contract writes these; a fault of ours or a stranger on the broker may.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DEEP = 100_000
_REPLACED = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": "-1",
    "over 63 bits": str(2**63),
    "over 64 bits": "9" * 40,
    "fraction": "0.5",
    "huge": "1e308",
    "over all floats": "1e999",
    "empty text": '""',
    "NUL": '"\\u0000"',
    "inner NUL": '"a\\u0000b"',
    "lone surrogate": '"\\ud800"',
    "long text": json.dumps("x" * 100_000),
    "right to left": '"\\u202e\\ufeff"',
    "last moment": '"9999-12-31T23:59:59Z"',
    "beyond the last moment": '"9999-12-31T23:59:59-23:59"',
    "first moment": '"0001-01-01T00:00:00Z"',
    "no offset": '"2026-09-07T01:00:00"',
    "list": "[]",
    "object": "{}",
    "list of nulls": "[null, null, null]",
    "deep list": "[" * _DEEP + "]" * _DEEP,
}
_MARK = '"\x01"'


@dataclass(frozen=True)
class HostileRecord:
    """One value and its key; `key` None stands for the right key."""

    name: str
    value: bytes
    key: bytes | None = None


def no_documents() -> list[HostileRecord]:
    """Return values that are nobody's document: each must be refused."""
    values = {
        "empty": b"",
        "a NUL": b"\x00",
        "half a document": b'{"id":"x","student":',
        "a null": b"null",
        "a list": b"[]",
        "a text": b'"text"',
        "a number": b"123",
        "an empty object": b"{}",
        "not UTF-8": b"\xff\xfe\xfd",
        "compressed": gzip.compress(b"{}"),
        "UTF-16": '{"id":"x"}'.encode("utf-16"),
        "open lists": b"[" * _DEEP,
        "open objects": b'{"a":' * _DEEP,
        "NaN": b"NaN",
        "two documents": b"{}{}",
        "a megabyte": b"x" * 1_000_000,
    }
    return [HostileRecord(name, value) for name, value in values.items()]


def changed(good: bytes) -> Iterator[HostileRecord]:
    """Yield a good document with each of its fields left out or replaced, and other oddities."""
    document: dict[str, Any] = json.loads(good)
    for path in _paths(document):
        name = ".".join(path)
        yield HostileRecord(f"without {name}", _encoded(_with(document, path, None, leave=True)))
        marked = json.dumps(_with(document, path, "\x01"), ensure_ascii=False)
        marked = marked.replace(json.dumps("\x01"), _MARK)
        for kind, text in _REPLACED.items():
            yield HostileRecord(f"{name} is {kind}", marked.replace(_MARK, text).encode())
        not_utf8 = marked.encode().replace(_MARK.encode(), b'"\xff\xfe"')
        yield HostileRecord(f"{name} is not UTF-8", not_utf8)
    more = good.rstrip()[:-1]
    yield HostileRecord("unknown deep field", more + b',"zz":' + b"[" * _DEEP + b"]" * _DEEP + b"}")
    yield HostileRecord("twice the first field", more + b"," + good.lstrip()[1:])
    yield HostileRecord("wrong key", good, b"somebody else")
    yield HostileRecord("a key that is not UTF-8", good, b"\xff\x00")


def _paths(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in document.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, inner) for inner in value)


def _with(
    document: dict[str, Any], path: tuple[str, ...], value: object, *, leave: bool = False
) -> dict[str, Any]:
    head, *rest = path
    changed_one = dict(document)
    if rest:
        changed_one[head] = _with(document[head], tuple(rest), value, leave=leave)
    elif leave:
        del changed_one[head]
    else:
        changed_one[head] = value
    return changed_one


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
