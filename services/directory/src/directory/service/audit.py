"""Read and check the audit chain, and sign its head once a day."""

from collections.abc import Callable
from datetime import datetime

from directory.domain.audit import (
    GENESIS,
    AuditEntry,
    ChainCheck,
    ChainedEntry,
    SignedHead,
    Verdict,
)
from directory.domain.ports import Stores
from shared.auth.actor import Actor
from shared.auth.permission import require
from shared.kernel.campus_time import format_utc

_PAGE = 2000
Sign = Callable[[bytes], str]
IsSignature = Callable[[bytes, str], bool]


async def read_audit(
    stores: Stores, actor: Actor, now: datetime, *, after: int, limit: int
) -> list[ChainedEntry]:
    """Return a page of the chain; the reading is an entry itself."""
    require(actor, "audit.read")
    found = await stores.audit.page(after, limit)
    detail = {"after": str(after), "entries": str(len(found))}
    entry = AuditEntry(format_utc(now), actor.id, "audit.read", "audit", "read", detail)
    await stores.audit.append(entry)
    return found


async def verify_chain(stores: Stores, is_signature: IsSignature | None) -> Verdict:
    """Check every link and every signed head, a page at a time."""
    check = ChainCheck()
    after = 0
    while links := await stores.audit.page(after, _PAGE):
        for link in links:
            check.feed(link)
        after = links[-1].sequence
    for head in await stores.audit.heads():
        is_good = is_signature is None or is_signature(head.message(), head.signature)
        check.match_head(head, is_signature_good=is_good)
    return check.verdict()


async def sign_head(stores: Stores, sign: Sign, day: str) -> bool:
    """Sign the head of a day once; False when that day is signed already."""
    heads = await stores.audit.heads()
    if heads and heads[-1].day >= day:
        return False
    last = await stores.audit.last()
    sequence, digest = (last.sequence, last.hash) if last else (0, GENESIS)
    unsigned = SignedHead(day, sequence, digest, "")
    await stores.audit.save_head(SignedHead(day, sequence, digest, sign(unsigned.message())))
    return True
