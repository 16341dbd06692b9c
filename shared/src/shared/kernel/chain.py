"""A chain of hashes: each link covers its content and the hash before it, so that an edit shows."""

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESIS = "0" * 64


def link(previous: str, content: Mapping[str, object]) -> str:
    """Return the hash of a link: SHA-256 over the hash before it and one form of its content."""
    text = json.dumps(dict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous.encode() + text.encode()).hexdigest()


def first_broken(links: Iterable[tuple[Mapping[str, object], str, str]]) -> int | None:
    """Return the number (from 1) of the first `(content, previous, hash)` that does not fit."""
    before = GENESIS
    for number, (content, previous, found) in enumerate(links, start=1):
        if previous != before or link(previous, content) != found:
            return number
        before = found
    return None
