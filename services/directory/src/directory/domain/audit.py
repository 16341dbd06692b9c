"""The audit chain: each entry's hash covers its content and the hash before it."""

import hashlib
import json
from dataclasses import dataclass, field

GENESIS = "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to whom and how it ended; `subject` is a pseudonym or an object's id."""

    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChainedEntry:
    """An entry as stored."""

    sequence: int
    entry: AuditEntry
    previous: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """The result of a check; `first_broken` names the first entry that does not fit."""

    entries: int
    head: str
    first_broken: int | None = None
    fault: str | None = None

    @property
    def is_intact(self) -> bool:
        return self.first_broken is None


@dataclass(frozen=True)
class SignedHead:
    """The head of the chain at the end of a day, signed so that a cut tail shows."""

    day: str
    sequence: int
    hash: str
    signature: str

    def message(self) -> bytes:
        return f"lantern-audit-head\n{self.day}\n{self.sequence}\n{self.hash}".encode()


def canonical(sequence: int, entry: AuditEntry) -> bytes:
    """Return the one byte form of an entry."""
    content = vars(entry) | {"sequence": sequence}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chained(entry: AuditEntry, last: ChainedEntry | None) -> ChainedEntry:
    """Return the entry as the next link."""
    sequence = last.sequence + 1 if last else 1
    previous = last.hash if last else GENESIS
    return ChainedEntry(sequence, entry, previous, _digest(previous, sequence, entry))


def _digest(previous: str, sequence: int, entry: AuditEntry) -> str:
    return hashlib.sha256(previous.encode() + canonical(sequence, entry)).hexdigest()


class ChainCheck:
    """Checks links in order, a page at a time, and remembers the first fault."""

    def __init__(self) -> None:
        self._count = 0
        self._head = GENESIS
        self._broken: tuple[int, str] | None = None
        self._heads: dict[int, str] = {}

    def feed(self, link: ChainedEntry) -> None:
        fault = self._fault(link)
        if fault and self._broken is None:
            self._broken = (link.sequence, fault)
        self._count += 1
        self._head = link.hash
        self._heads[link.sequence] = link.hash

    def match_head(self, head: SignedHead, *, is_signature_good: bool) -> None:
        """Compare with a signed head: a missing or other entry there means that it was cut."""
        if self._broken is not None:
            return
        if not is_signature_good:
            self._broken = (head.sequence, "signature")
        elif head.sequence and self._heads.get(head.sequence) != head.hash:
            self._broken = (head.sequence, "cut_or_replaced")

    def verdict(self) -> Verdict:
        broken, fault = self._broken or (None, None)
        return Verdict(self._count, self._head, broken, fault)

    def _fault(self, link: ChainedEntry) -> str | None:
        if link.sequence != self._count + 1:
            return "missing_entry"
        if link.previous != self._head:
            return "previous_hash"
        if link.hash != _digest(link.previous, link.sequence, link.entry):
            return "content"
        return None
